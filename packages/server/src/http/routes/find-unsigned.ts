import { UnsignedPaths, UnsignedQuery } from '@cachix/api'
import { findUnsigned } from '../../services/find-unsigned.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/keys/unsigned`. */
export const findUnsignedRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/keys/unsigned',
  description: {
    path: '/cache/{name}/keys/unsigned',
    summary: 'Paths without a signature by a key, for its holder to sign',
    request: { body: json(UnsignedQuery) },
    responses: { 200: { description: 'Some of them; none when there are no more', ...json(UnsignedPaths) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const paths = await findUnsigned(deps, cache, await bodyOf(call, UnsignedQuery))
    return jsonResponse({ paths } satisfies UnsignedPaths)
  },
}
