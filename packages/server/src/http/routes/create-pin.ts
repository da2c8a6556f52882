import { PinCreate } from '@cachix/api'
import { pinPath } from '../../services/pin-path.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/pin`. */
export const createPinRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/pin',
  description: {
    path: '/cache/{name}/pin',
    summary: 'Keep a path, and all it refers to, under a name',
    request: { body: json(PinCreate) },
    responses: { 200: { description: 'It is the last revision of the pin' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    await pinPath(deps, cache, await bodyOf(call, PinCreate))
    return emptyResponse()
  },
}
