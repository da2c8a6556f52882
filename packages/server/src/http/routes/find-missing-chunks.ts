import { ChunkNames, MissingChunksQuery } from '@cachix/api'
import { findMissingChunks } from '../../services/find-missing-chunks.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessToWrite } from '../write-access.ts'

/** As many names as are taken: 2.2 MB. */
const limit = 3 * 1024 ** 2

/** `POST /cache/NAME/chunks/missing`. */
export const findMissingChunksRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/chunks/missing',
  description: {
    path: '/cache/{name}/chunks/missing',
    summary: 'Which of these chunks have to be sent to publish paths that consist of them',
    request: { body: json(MissingChunksQuery) },
    responses: { 200: { description: 'Those to send; the others stay for a while', ...json(ChunkNames) } },
  },
  async handle(deps, call) {
    const { reader } = await accessToWrite(deps, call)
    const names = await bodyOf(call, MissingChunksQuery, limit)
    return jsonResponse(await findMissingChunks(deps, { reader, names }))
  },
}
