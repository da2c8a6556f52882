import { MultipartUploadCreated } from '@cachix/api'
import { beginUpload } from '../../services/multipart/begin-upload.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { compressionOf } from '../upload-compression.ts'

/** `POST /cache/NAME/multipart-nar?compression=zst|xz`. */
export const beginMultipartUploadRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/multipart-nar',
  description: {
    path: '/cache/{name}/multipart-nar',
    summary: 'Begin to send a compressed NAR in parts',
    responses: { 200: { description: 'What it is known by', ...json(MultipartUploadCreated) } },
  },
  async handle(deps, { request, param, query }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
    return jsonResponse(await beginUpload(deps, { cache, compression: compressionOf(query('compression')) }))
  },
}
