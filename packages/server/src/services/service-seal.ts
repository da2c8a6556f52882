import { CacheError } from '../cache-error.ts'
import type { SigningKeyTable } from '../database/signing-key-table.ts'
import { openKeptSeal, openSeal } from './seal.ts'
import type { Seal } from './seal.ts'

/** File of the key that seals the secrets in the database. */
export interface ServiceKeyFile {
  readonly path: string
  /** The operator made and keeps it; otherwise the service does, with its data. */
  readonly isGiven: boolean
}

/**
 * The seal of a service with these secrets. Makes the key only where the service keeps it and nothing is sealed yet: a new
 * one in the place of one that is lost would hide the loss. Throws `unavailable` if the key cannot be read, `damaged` if it
 * is not a key, or not the one that the secrets are sealed with.
 */
export async function openServiceSeal(
  keys: Pick<SigningKeyTable, 'findSealed'>,
  file: ServiceKeyFile,
): Promise<Seal> {
  const sealed = await keys.findSealed()
  if (sealed === undefined) return file.isGiven ? openKeptSeal(file.path) : openSeal(file.path)
  const seal = await openKeptSeal(file.path).catch((error: unknown) => {
    if (file.isGiven || !(error instanceof CacheError)) throw error
    throw new CacheError(error.code, `${error.message} ${whereItIs}`, { cause: error })
  })
  try {
    seal.decrypt(sealed.sealedSecret, sealed.name)
  } catch (cause) {
    const message = `The service key ${file.path} is not the one that the signing keys of this service are sealed with. ${whereItIs}`
    throw new CacheError('damaged', message, { cause })
  }
  return seal
}

const whereItIs = 'Say where that is with --service-key-file FILE.'

interface RekeyRequest {
  readonly from: ServiceKeyFile
  /** File of a key that is there already. */
  readonly to: string
}

/**
 * Seals every secret in the database with another key, all of them or none. No server may be running: it would go on with
 * the key it has. Gives how many secrets there are; throws what `openServiceSeal` throws, for either key.
 */
export async function rekey(
  keys: Pick<SigningKeyTable, 'findSealed' | 'resealAll'>,
  { from, to }: RekeyRequest,
): Promise<number> {
  const next = await openKeptSeal(to)
  if ((await keys.findSealed()) === undefined) return 0
  const seal = await openServiceSeal(keys, from)
  return keys.resealAll((sealed, keyName) => next.encrypt(seal.decrypt(sealed, keyName), keyName))
}
