import { abortUpload } from '../../services/multipart/abort-upload.ts'
import { emptyResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/multipart-nar/NARID/abort?uploadId=…`. */
export const abortMultipartUploadRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/multipart-nar/:narId/abort',
  description: {
    path: '/cache/{name}/multipart-nar/{narId}/abort',
    summary: 'Give up an upload and its parts',
    responses: { 200: { description: 'They are gone' } },
  },
  async handle(deps, { request, param, query }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
    await abortUpload(deps, { cache, narId: param('narId'), uploadId: query('uploadId') ?? '' })
    return emptyResponse()
  },
}
