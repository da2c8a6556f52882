import { RemoveUpstream } from '@cachix/api'
import { removeUpstream } from '../../services/remove-upstream.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/upstreams/remove`. */
export const removeUpstreamRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/upstreams/remove',
  description: {
    path: '/cache/{name}/upstreams/remove',
    summary: 'Take back the declaration of an upstream that nothing in the cache counts on',
    request: { body: json(RemoveUpstream) },
    responses: { 200: { description: 'It is no upstream any more' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Admin' })
    const { url } = await bodyOf(call, RemoveUpstream)
    await removeUpstream(deps, cache, url)
    deps.logger.info({ cache: cache.name, upstream: url }, 'upstream removed')
    return emptyResponse()
  },
}
