import { BinaryCache } from '@cachix/api'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { describeCache } from '../describe-cache.ts'
import { warnVisitor } from '../visitor.ts'

/** `GET /cache/NAME`. */
export const getCacheRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name',
  description: {
    path: '/cache/{name}',
    summary: 'What there is to know about a cache',
    responses: { 200: { description: 'The cache', ...json(BinaryCache) } },
  },
  async handle(deps, { request, param }) {
    const access = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    return warnVisitor(jsonResponse(await describeCache(deps, access)), access.visitor)
  },
}
