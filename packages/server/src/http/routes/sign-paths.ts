import { Signed, SignQuery } from '@cachix/api'
import { signPaths } from '../../services/sign-paths.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/keys/sign`. Readers see the signatures a second later at most. */
export const signPathsRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/keys/sign',
  description: {
    path: '/cache/{name}/keys/sign',
    summary: 'Have the service sign some more paths with the active keys it keeps',
    request: { body: json(SignQuery) },
    responses: { 200: { description: 'How many it signed, and where to go on', ...json(Signed) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const { after } = await bodyOf(call, SignQuery)
    const signed = await signPaths(deps, cache, after)
    deps.logger.debug({ cache: cache.name, signed: signed.signed }, 'paths signed')
    return jsonResponse(signed)
  },
}
