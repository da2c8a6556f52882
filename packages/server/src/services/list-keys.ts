import type { CacheKey } from '@cachix/api'

import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { isActive } from './signing-key.ts'

/** Every key of a cache, oldest first, and how many paths have no signature by it. */
export async function listKeys(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
): Promise<CacheKey[]> {
  const keys = await database.keys.list(cache.id)
  return Promise.all(
    keys.map(async (key) => ({
      name: key.name,
      publicKey: key.publicKey,
      state: isActive(key) ? ('active' as const) : ('retired' as const),
      isManaged: key.sealedSecret !== undefined,
      createdAt: key.createdAt,
      retiredAt: key.retiredAt ?? null,
      unsignedPaths: await database.signatures.countWithout(cache.id, [key.name]),
    })),
  )
}
