import type { BinaryCache } from '@cachix/api'
import { isActive } from '../services/signing-key.ts'
import type { CacheAccess } from './cache-access.ts'
import type { HttpDeps } from './http-deps.ts'

/** What clients are told of a cache. */
export async function describeCache(
  { database, address }: HttpDeps,
  { cache, permission }: Pick<CacheAccess, 'cache' | 'permission'>,
): Promise<BinaryCache> {
  const keys = (await database.keys.list(cache.id)).filter(isActive)
  const upstreams = await database.upstreams.list(cache.id)
  return {
    name: cache.name,
    uri: address.cacheUri(cache.name),
    isPublic: cache.isPublic,
    publicSigningKeys: keys.map((key) => `${key.name}:${key.publicKey}`),
    githubUsername: cache.accountName,
    permission,
    preferredCompressionMethod: 'ZSTD',
    upstreams: upstreams.map(({ url, publicKeys }) => ({ url, publicKeys: [...publicKeys] })),
  }
}
