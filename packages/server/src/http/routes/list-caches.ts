import { CacheList } from '@cachix/api'
import type { Cache } from '../../database/cache-database.ts'
import { authorize } from '../../services/authorize.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { describeCache } from '../describe-cache.ts'
import type { HttpDeps } from '../http-deps.ts'
import { identifyVisitor, requireIdentity } from '../visitor.ts'

/** `GET /cache`: a token for one cache is shown that one. */
export const listCachesRoute: ApiRoute = {
  method: 'get',
  path: '/cache',
  description: {
    path: '/cache',
    summary: 'The caches of whoever asks',
    responses: { 200: { description: 'By name', ...json(CacheList) } },
  },
  async handle(deps, { request }) {
    const identity = requireIdentity(await identifyVisitor(deps, request))
    const caches = await deps.database.caches.list(identity.accountId)
    const own = caches.filter((cache) => authorize(identity, { ...cache, isPublic: false }) !== undefined)
    return jsonResponse(await Promise.all(own.map((cache) => listed(deps, cache))))
  },
}

async function listed(deps: HttpDeps, cache: Cache): Promise<CacheList[number]> {
  const { name, uri, isPublic, publicSigningKeys } = await describeCache(deps, { cache, permission: 'Read' })
  const totalFileSize = await deps.database.paths.fileBytes(cache.id)
  return { name, uri, isPublic, publicSigningKeys, totalFileSize }
}
