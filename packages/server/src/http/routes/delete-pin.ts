import { CacheError } from '../../cache-error.ts'
import { emptyResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `DELETE /cache/NAME/pin/PIN`. */
export const deletePinRoute: ApiRoute = {
  method: 'delete',
  path: '/cache/:name/pin/:pin{.+}',
  description: {
    path: '/cache/{name}/pin/{pin}',
    summary: 'Remove a pin and its revisions; the paths stay until they are collected',
    responses: { 200: { description: 'It is gone' } },
  },
  async handle(deps, { request, param }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
    if (await deps.database.pins.remove(cache.id, param('pin'))) return emptyResponse()
    throw new CacheError('not-found', `Cache ${cache.name} has no pin of that name.`)
  },
}
