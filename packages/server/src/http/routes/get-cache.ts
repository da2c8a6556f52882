import { BinaryCache } from '@cachix/api'
import { isActive } from '../../services/signing-key.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import type { CacheAccess } from '../cache-access.ts'
import type { HttpDeps } from '../http-deps.ts'
import { warnVisitor } from '../visitor.ts'

/** `GET /cache/NAME`. */
export const getCacheRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name',
  description: {
    path: '/cache/{name}',
    summary: 'What there is to know about a cache',
    responses: { 200: { description: 'The cache', ...json(BinaryCache) } },
  },
  async handle(deps, { request, param }) {
    const access = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    return warnVisitor(jsonResponse(await describe(deps, access)), access.visitor)
  },
}

async function describe(
  { database, address }: HttpDeps,
  { cache, permission }: CacheAccess,
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
