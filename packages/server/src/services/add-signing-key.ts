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
  const { caches } = deps.database
  const key = clientKey(signingKeyName(cache.name, deps.hostname), publicKey)
  try {
    await caches.addKey(cache.id, key)
  } catch (error) {
    if (!(error instanceof CacheError) || error.code !== 'key-exists') throw error
    const keys = await caches.keys(cache.id)
    if (!keys.some((known) => known.publicKey === key.publicKey)) throw error
  }
}
