import { emptyResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `DELETE /cache/NAME`. */
export const deleteCacheRoute: ApiRoute = {
  method: 'delete',
  path: '/cache/:name',
  description: {
    path: '/cache/{name}',
    summary: 'Delete a cache with its paths, keys, tokens and pins',
    responses: { 200: { description: 'It is gone' } },
  },
  async handle(deps, { request, param }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Admin' })
    await deps.database.caches.remove(cache.id)
    deps.recent.forgetCache(cache.name)
    deps.logger.info({ cache: cache.name }, 'cache deleted')
    return emptyResponse()
  },
}
