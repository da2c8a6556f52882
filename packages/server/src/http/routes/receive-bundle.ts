import { ReceivedBundle } from '@cachix/api'
import { receiveBundle } from '../../services/receive-bundle.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { requireSize } from '../require-size.ts'
import { accessToWrite } from '../write-access.ts'

/** Bytes of an index, which comes before the frames. */
const indexAllowance = 16 * 1024 ** 2

/** `POST /cache/NAME/bundles`: everything that can be refused is, before the body is asked for. */
export const receiveBundleRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/bundles',
  description: {
    path: '/cache/{name}/bundles',
    summary: 'Send chunks: an index, then zstd frames back to back',
    request: { body: { content: { 'application/octet-stream': {} } } },
    responses: { 200: { description: 'They are verified and durable', ...json(ReceivedBundle) } },
  },
  async handle(deps, call) {
    const { cache } = await accessToWrite(deps, call)
    requireSize(call.request, deps.maxBundleSize + indexAllowance)
    const received = await receiveBundle(deps, {
      cache,
      body: call.exchange.body(),
      signal: call.request.signal,
    })
    deps.logger.debug({ cache: cache.name, ...received }, 'bundle received')
    return jsonResponse(received)
  },
}
