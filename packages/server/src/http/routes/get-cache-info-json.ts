import { CacheInfoJson } from '@cachix/api'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { warnVisitor } from '../visitor.ts'

/** `GET /cache/NAME/nix-cache-info` of those who accept JSON; the others get it as Nix does. */
export const getCacheInfoJsonRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/nix-cache-info',
  description: {
    path: '/cache/{name}/nix-cache-info',
    summary: 'How Nix is to use a cache',
    responses: { 200: { description: 'As JSON, or as Nix reads it', ...json(CacheInfoJson) } },
  },
  async handle(deps, { request, param }) {
    const { cache, visitor } = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    const { storeDir, priority } = cache
    return warnVisitor(
      jsonResponse({ storeDir, wantMassQuery: 1, priority } satisfies CacheInfoJson),
      visitor,
    )
  },
}
