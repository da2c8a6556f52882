import { CacheError } from '../cache-error.ts'
import type { Resealed, SigningKeyTable } from '../database/signing-key-table.ts'
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
  /** Whether secrets that neither key opens are given up. */
  readonly dropLost?: boolean | undefined
}

/**
 * Seals every secret in the database with another key, all of them or none. No server may be running: it would go on with
 * the key it has. Throws what `openServiceSeal` throws, for either key; where what is lost is to be dropped, that the old
 * key does not fit is no failure, nor that the one the service itself keeps is not there.
 */
export async function rekey(
  keys: Pick<SigningKeyTable, 'findSealed' | 'resealAll'>,
  { from, to, dropLost = false }: RekeyRequest,
): Promise<Resealed> {
  const next = await openKeptSeal(to)
  if ((await keys.findSealed()) === undefined) return { kept: 0, dropped: [] }
  if (dropLost) {
    const openers = [...(await whatIsLeft(from)), next]
    return keys.resealAll((sealed, keyName) => {
      const secret = openWithAny(openers, sealed, keyName)
      return secret && next.encrypt(secret, keyName)
    })
  }
  const seal = await openServiceSeal(keys, from).catch((error: unknown) => {
    if (!(error instanceof CacheError)) throw error
    throw new CacheError(error.code, `${error.message} ${ifItIsLost}`, { cause: error })
  })
  return keys.resealAll((sealed, keyName) => next.encrypt(seal.decrypt(sealed, keyName), keyName))
}

const ifItIsLost = 'If it is lost for good, --drop-lost gives up the signing keys that only it opens.'

/** A file that was named and is not there was likely named wrongly: no reason to drop anything. */
async function whatIsLeft({ path, isGiven }: ServiceKeyFile): Promise<Seal[]> {
  try {
    return [await openKeptSeal(path)]
  } catch (error) {
    const isMissing = error instanceof CacheError && isAbsence(error.cause)
    const isNoKey = error instanceof CacheError && error.code === 'damaged'
    if (isNoKey || (isMissing && !isGiven)) return []
    throw error
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function openWithAny(seals: readonly Seal[], sealed: Uint8Array, keyName: string): Uint8Array | undefined {
  for (const seal of seals) {
    try {
      return seal.decrypt(sealed, keyName)
    } catch (error) {
      if (!(error instanceof CacheError)) throw error
    }
  }
  return undefined
}
