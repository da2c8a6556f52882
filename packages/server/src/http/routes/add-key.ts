import { AddedKey, NewKey } from '@cachix/api'
import { addKey } from '../../services/add-key.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/keys`. */
export const addKeyRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/keys',
  description: {
    path: '/cache/{name}/keys',
    summary: 'Give a cache one more signing key, or make a retired one active again',
    request: { body: json(NewKey) },
    responses: { 200: { description: 'The cache has this key', ...json(AddedKey) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Admin' })
    const publicKey = await addKey(deps, cache, await bodyOf(call, NewKey))
    deps.logger.info({ cache: cache.name, publicKey }, 'signing key added')
    return jsonResponse({ publicKey } satisfies AddedKey)
  },
}
