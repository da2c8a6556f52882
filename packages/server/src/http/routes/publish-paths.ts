import { PathOutcomes, PathsCreate } from '@cachix/api'
import { holeBytes } from '@cachix/protocol'
import { publishPaths } from '../../services/publish-paths.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessToWrite } from '../write-access.ts'

/** Bytes: the recipe of a NAR of 4 GiB has less than one million. */
const limit = 8 * 1024 ** 2

/** `POST /cache/NAME/paths`. */
export const publishPathsRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/paths',
  description: {
    path: '/cache/{name}/paths',
    summary: 'Make store paths visible whose chunks were sent, each after those it refers to',
    request: { body: json(PathsCreate) },
    responses: { 200: { description: 'What became of each, in their order', ...json(PathOutcomes) } },
  },
  async handle(deps, call) {
    const { cache, reader } = await accessToWrite(deps, call)
    const { paths } = await bodyOf(call, PathsCreate, limit)
    const outcomes = await publishPaths(deps, { cache, reader, paths, signal: call.request.signal })
    for (const { storePath } of paths) {
      deps.recent.forgetNarinfo({ cacheName: cache.name, storeHash: storePath.slice(0, holeBytes) })
    }
    deps.logger.debug({ cache: cache.name, paths: paths.length }, 'paths published')
    return jsonResponse({ paths: outcomes })
  },
}
