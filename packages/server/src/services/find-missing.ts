import type { Cache, CacheDatabase } from '../database/cache-database.ts'

export interface MissingRequest {
  readonly cache: Cache
  /** Any number, 32 nix32 characters each. */
  readonly storeHashes: readonly string[]
}

/** Those of the store hashes that a push to this cache would have to send, in the order given. */
export async function findMissing(
  { database }: { readonly database: CacheDatabase },
  { cache, storeHashes }: MissingRequest,
): Promise<readonly string[]> {
  return database.paths.missing(cache.id, storeHashes)
}
