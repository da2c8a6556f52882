import { CacheError } from '../../cache-error.ts'
import { receivePart } from '../../services/multipart/receive-part.ts'
import { checkTicket } from '../../services/multipart/sign-part.ts'
import type { PartTicket } from '../../services/multipart/sign-part.ts'
import { emptyResponse } from '../api-route.ts'
import type { ApiCall, ApiRoute } from '../api-route.ts'
import { requireSize } from '../require-size.ts'

/** `PUT /parts/NARID/N?ticket=…`: the ticket is all the authorization there is. */
export const receivePartRoute: ApiRoute = {
  method: 'put',
  path: '/parts/:narId/:number',
  description: {
    path: '/parts/{narId}/{number}',
    summary: 'Send a part, to the address that was given for it',
    request: { body: { content: { 'application/octet-stream': {} } } },
    responses: { 200: { description: 'It is durable; its ETag is for completing the upload' } },
  },
  async handle(deps, call) {
    const { request, exchange, query } = call
    const ticket = checkTicket(deps.seal, query('ticket') ?? '')
    checkAddress(call, ticket)
    requireSize(request, deps.maxUploadSize)
    await receivePart(deps, { ticket, body: exchange.body(), signal: request.signal })
    const response = emptyResponse()
    response.headers.set('etag', `"${ticket.md5}"`)
    return response
  },
}

/** Throws `bad-request` where a ticket is used for something else than it was made for. */
function checkAddress({ request, param }: ApiCall, { narId, number, md5 }: PartTicket): void {
  const isFor = param('narId') === narId && param('number') === String(number)
  if (!isFor) throw new CacheError('bad-request', 'This address is for another part of an upload.')
  const sent = request.headers.get('content-md5')
  if (sent === null || Buffer.from(sent, 'base64').toString('hex') === md5) return
  throw new CacheError('bad-request', 'The Content-MD5 is not the one this address was made for.')
}
