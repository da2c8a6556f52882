import { PartAddress, PartToUpload } from '@cachix/api'
import { signPart } from '../../services/multipart/sign-part.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/multipart-nar/NARID?uploadId=…&partNumber=N`. */
export const signPartRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/multipart-nar/:narId',
  description: {
    path: '/cache/{name}/multipart-nar/{narId}',
    summary: 'Ask where to PUT a part',
    request: { body: json(PartToUpload) },
    responses: { 200: { description: 'An address that needs no authorization', ...json(PartAddress) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const { contentMD5 } = await bodyOf(call, PartToUpload)
    const narId = call.param('narId')
    const partNumber = Number(call.query('partNumber'))
    const uploadId = call.query('uploadId') ?? ''
    const ticket = await signPart(deps, { cache, narId, uploadId, partNumber, contentMD5 })
    // In the query, because it is a secret: paths are logged.
    const uploadUrl = `${deps.address.origin}/api/v1/parts/${narId}/${partNumber}?ticket=${ticket}`
    return jsonResponse({ uploadUrl } satisfies PartAddress)
  },
}
