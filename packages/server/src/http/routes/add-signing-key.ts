import { SigningKeyBody } from '@cachix/api'
import { addSigningKey } from '../../services/add-signing-key.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/key`. */
export const addSigningKeyRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/key',
  description: {
    path: '/cache/{name}/key',
    summary: 'Give a cache the key its clients sign with',
    request: { body: json(SigningKeyBody) },
    responses: { 200: { description: 'The cache has this key' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const { publicKey } = await bodyOf(call, SigningKeyBody)
    await addSigningKey(deps, { cache, publicKey })
    deps.logger.info({ cache: cache.name }, 'signing key added')
    return emptyResponse()
  },
}
