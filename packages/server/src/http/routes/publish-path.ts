import { NarInfoCreate } from '@cachix/api'
import { CacheError } from '../../cache-error.ts'
import { publishPath } from '../../services/publish-path.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

const ending = '.narinfo'

/** `POST /cache/NAME/HASH.narinfo`. */
export const publishPathRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/:file{.+\\.narinfo}',
  description: {
    path: '/cache/{name}/{storeHash}.narinfo',
    summary: 'Make a store path visible, whose NAR was uploaded',
    request: { body: json(NarInfoCreate) },
    responses: { 200: { description: 'It is visible' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const info = await bodyOf(call, NarInfoCreate)
    if (call.param('file') !== info.cStoreHash + ending) {
      throw new CacheError('bad-request', 'cStoreHash is not the store hash in the address.')
    }
    const outcome = await publishPath(deps, { cache, info, signal: call.request.signal })
    deps.recent.forgetNarinfo({ cacheName: cache.name, storeHash: info.cStoreHash })
    deps.logger.debug({ cache: cache.name, storeHash: info.cStoreHash, outcome }, 'path published')
    return emptyResponse()
  },
}
