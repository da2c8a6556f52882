import { UploadedNar } from '@cachix/api'
import { receiveNar } from '../../services/receive-nar.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { requireSize } from '../require-size.ts'
import { compressionOf } from '../upload-compression.ts'

/** `POST /cache/NAME/nar?compression=zst|xz`: everything that can be refused is, before the body is asked for. */
export const uploadNarRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/nar',
  description: {
    path: '/cache/{name}/nar',
    summary: 'Upload a compressed NAR as a whole',
    request: { body: { content: { 'application/octet-stream': {} } } },
    responses: { 200: { description: 'What was in it', ...json(UploadedNar) } },
  },
  async handle(deps, { request, exchange, param, query }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
    const compression = compressionOf(query('compression'))
    requireSize(request, deps.maxUploadSize)
    const nar = await receiveNar(deps, { cache, body: exchange.body(), compression, signal: request.signal })
    deps.logger.debug({ cache: cache.name, ...nar }, 'NAR received')
    return jsonResponse(nar)
  },
}
