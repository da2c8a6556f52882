import { MissingQuery, StoreHashes } from '@cachix/api'
import { permits } from '../../services/authorize.ts'
import { findMissing } from '../../services/find-missing.ts'
import type { MissingRequest } from '../../services/find-missing.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import type { CacheAccess } from '../cache-access.ts'
import { warnVisitor } from '../visitor.ts'

/** The genuine client asks for 32,768 hashes at once: 1.2 MB. */
const limit = 2 * 1024 ** 2

/**
 * `POST /cache/NAME/narinfo`. With `?upstreams=ignored` what only an upstream has is missing too. Upstreams are asked for
 * those who may push to the cache; others have no requests sent.
 */
export const findMissingRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/narinfo',
  description: {
    path: '/cache/{name}/narinfo',
    summary: 'Which of these store hashes the cache lacks',
    request: { body: json(MissingQuery) },
    responses: { 200: { description: 'Those it lacks', ...json(StoreHashes) } },
  },
  async handle(deps, call) {
    const access = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Read' })
    const storeHashes = await bodyOf(call, MissingQuery, limit)
    const upstreams = call.query('upstreams') === 'ignored' ? 'missing' : countedFor(access)
    const { signal } = call.request
    const missing = await findMissing(deps, { cache: access.cache, storeHashes, upstreams, signal })
    return warnVisitor(jsonResponse(missing), access.visitor)
  },
}

function countedFor({ permission }: CacheAccess): MissingRequest['upstreams'] {
  return permits(permission, 'Write') ? 'asked' : 'known'
}
