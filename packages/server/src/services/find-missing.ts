import type { Cache, CacheDatabase } from '../database/cache-database.ts'

export interface MissingRequest {
  readonly cache: Cache
  /** Any number, 32 nix32 characters each. */
  readonly storeHashes: readonly string[]
  /** What only an upstream has is missing too. */
  readonly mustBeStored: boolean
}

/**
 * Those of the store hashes that a push to this cache would have to send, in the order given. Clients push just what is
 * missing, so what an upstream is known to have is not, unless they ask for it.
 */
export async function findMissing(
  { database }: { readonly database: CacheDatabase },
  { cache, storeHashes, mustBeStored }: MissingRequest,
): Promise<readonly string[]> {
  const missing = await database.paths.missing(cache.id, storeHashes)
  if (mustBeStored || missing.length === 0) return missing
  const known = await database.upstreams.known(cache.id, missing)
  return known.size === 0 ? missing : missing.filter((storeHash) => !known.has(storeHash))
}
