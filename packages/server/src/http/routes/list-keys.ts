import { CacheKeys } from '@cachix/api'
import { listKeys } from '../../services/list-keys.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `GET /cache/NAME/keys`. */
export const listKeysRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/keys',
  description: {
    path: '/cache/{name}/keys',
    summary: 'Every signing key of a cache, active and retired',
    responses: { 200: { description: 'Its keys, oldest first', ...json(CacheKeys) } },
  },
  async handle(deps, { request, param }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
    return jsonResponse({ keys: await listKeys(deps, cache) } satisfies CacheKeys)
  },
}
