import { KnownPaths, UpstreamPaths } from '@cachix/api'
import { recordUpstreamPaths } from '../../services/record-upstream-paths.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** Bytes: paths have hundreds of references at times. */
const limit = 8 * 1024 ** 2

/** `POST /cache/NAME/upstreams/paths`. */
export const recordUpstreamPathsRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/upstreams/paths',
  description: {
    path: '/cache/{name}/upstreams/paths',
    summary: 'Tell, with the proof, which paths upstreams have that others will refer to',
    request: { body: json(UpstreamPaths) },
    responses: { 200: { description: 'Whether each has been proved', ...json(KnownPaths) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const { paths } = await bodyOf(call, UpstreamPaths, limit)
    return jsonResponse({ known: await recordUpstreamPaths(deps, cache, paths) } satisfies KnownPaths)
  },
}
