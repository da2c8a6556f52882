import { RetireKey } from '@cachix/api'
import { retireKey } from '../../services/retire-key.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/keys/retire`. */
export const retireKeyRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/keys/retire',
  description: {
    path: '/cache/{name}/keys/retire',
    summary: 'Retire a signing key: its signatures stay, new ones are not accepted',
    request: { body: json(RetireKey) },
    responses: { 200: { description: 'It is retired' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Admin' })
    const retired = await bodyOf(call, RetireKey)
    await retireKey(deps, cache, retired)
    deps.logger.info({ cache: cache.name, key: retired.name }, 'signing key retired')
    return emptyResponse()
  },
}
