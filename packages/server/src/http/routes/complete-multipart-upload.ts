import { hash } from 'node:crypto'
import { MultipartUploadComplete } from '@cachix/api'
import { completeUpload } from '../../services/multipart/complete-upload.ts'
import { bodyOf, emptyResponse, json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** Bytes: ten thousand parts have less than one million, and references the rest. */
const limit = 4 * 1024 ** 2

/** `POST /cache/NAME/multipart-nar/NARID/complete?uploadId=…`. */
export const completeMultipartUploadRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/multipart-nar/:narId/complete',
  description: {
    path: '/cache/{name}/multipart-nar/{narId}/complete',
    summary: 'Make a store path visible, whose NAR was sent in parts',
    request: { body: json(MultipartUploadComplete) },
    responses: { 200: { description: 'It is visible, or will be as soon as what it refers to is' } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const completion = await bodyOf(call, MultipartUploadComplete, limit)
    const upload = { cache, narId: call.param('narId'), uploadId: call.query('uploadId') ?? '', completion }
    const key = `${cache.id} ${upload.narId} ${upload.uploadId} ${hash('sha256', JSON.stringify(completion))}`
    const outcome = await deps.completions.run(key, (signal) => completeUpload(deps, { ...upload, signal }))
    const storeHash = completion.narInfoCreate.cStoreHash
    deps.recent.forgetNarinfo({ cacheName: cache.name, storeHash })
    deps.logger.debug({ cache: cache.name, storeHash, outcome }, 'path published')
    return emptyResponse()
  },
}
