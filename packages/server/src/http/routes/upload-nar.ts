import { UploadedNar } from '@cachix/api'
import { CacheError } from '../../cache-error.ts'
import { receiveNar } from '../../services/receive-nar.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/nar?compression=zst`: everything that can be refused is, before the body is asked for. */
export const uploadNarRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/nar',
  description: {
    path: '/cache/{name}/nar',
    summary: 'Upload a NAR as zstd frames',
    request: { body: { content: { 'application/octet-stream': {} } } },
    responses: { 200: { description: 'What was in it', ...json(UploadedNar) } },
  },
  async handle(deps, { request, exchange, param, query }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
    requireZstd(query('compression'))
    requireSize(request.headers.get('content-length'), deps.maxUploadSize)
    const nar = await receiveNar(deps, { cache, body: exchange.body(), signal: request.signal })
    deps.logger.debug({ cache: cache.name, ...nar }, 'NAR received')
    return jsonResponse(nar)
  },
}

/** Clients from before 1.1 do not say; theirs is xz. */
function requireZstd(compression: string | undefined): void {
  if (compression === 'zst' || compression === 'zstd') return
  throw new CacheError(
    'unsupported',
    'This service takes NARs compressed with zstd only: use ?compression=zst.',
  )
}

/** A body without a length is measured as it comes. */
function requireSize(contentLength: string | null, limit: number): void {
  if (Number(contentLength ?? 0) <= limit) return
  throw new CacheError('too-large', `This upload is larger than the ${limit} bytes this service takes.`)
}
