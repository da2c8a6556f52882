import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { clientKey, signingKeyName } from './signing-key.ts'

export interface AddSigningKeyDeps {
  readonly database: CacheDatabase
  /** Of the service, without a port: part of the names of keys. */
  readonly hostname: string
}

export interface NewSigningKey {
  readonly cache: Cache
  /** Base64 of the 32 bytes, no name. */
  readonly publicKey: string
}

/** Gives a cache the key its clients sign with. Sending the same key again is fine. Throws `key-exists`, `bad-request`. */
export async function addSigningKey(
  deps: AddSigningKeyDeps,
  { cache, publicKey }: NewSigningKey,
): Promise<void> {
  const { keys } = deps.database
  const key = clientKey(signingKeyName(cache.name, deps.hostname), publicKey)
  try {
    await keys.addFirst(cache.id, key)
  } catch (error) {
    if (!(error instanceof CacheError) || error.code !== 'key-exists') throw error
    const known = await keys.list(cache.id)
    if (!known.some(({ publicKey, retiredAt }) => publicKey === key.publicKey && retiredAt === undefined))
      throw error
  }
}
