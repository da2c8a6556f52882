import { CreateCache } from '@cachix/api'
import { CacheError } from '../../cache-error.ts'
import { createCache } from '../../services/create-cache.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { identifyVisitor, requireIdentity } from '../visitor.ts'

/** `POST /cache/NAME`. */
export const createCacheRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name',
  description: {
    path: '/cache/{name}',
    summary: 'Create a cache',
    request: { body: json(CreateCache) },
    responses: { 200: { description: 'It is there' } },
  },
  async handle(deps, call) {
    const { accountId, kind } = requireIdentity(await identifyVisitor(deps, call.request))
    if (kind !== 'personal')
      throw new CacheError('not-authorized', 'This auth token is for one cache; it cannot create others.')
    const name = call.param('name')
    const { isPublic } = await createCache(deps, { ...(await bodyOf(call, CreateCache)), accountId, name })
    deps.logger.info({ cache: name, isPublic, accountId }, 'cache created')
    return emptyResponse()
  },
}
