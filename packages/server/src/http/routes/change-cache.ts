import { ChangeCache } from '@cachix/api'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `PATCH /cache/NAME`. */
export const changeCacheRoute: ApiRoute = {
  method: 'patch',
  path: '/cache/:name',
  description: {
    path: '/cache/{name}',
    summary: 'Make a cache public or private',
    request: { body: json(ChangeCache) },
    responses: { 200: { description: 'It is' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Admin' })
    const { isPublic } = await bodyOf(call, ChangeCache)
    await deps.database.caches.setPublic(cache.id, isPublic)
    deps.recent.forgetCache(cache.name)
    deps.logger.info({ cache: cache.name, isPublic }, 'visibility changed')
    return emptyResponse()
  },
}
