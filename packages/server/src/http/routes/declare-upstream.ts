import { Upstream } from '@cachix/api'
import { declareUpstream } from '../../services/declare-upstream.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/upstreams`. */
export const declareUpstreamRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/upstreams',
  description: {
    path: '/cache/{name}/upstreams',
    summary: 'Declare another cache whose paths need not be stored again, or change its keys',
    request: { body: json(Upstream) },
    responses: { 200: { description: 'It is declared' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Admin' })
    const upstream = await bodyOf(call, Upstream)
    await declareUpstream(deps, cache, upstream)
    deps.logger.info({ cache: cache.name, upstream: upstream.url }, 'upstream declared')
    return emptyResponse()
  },
}
