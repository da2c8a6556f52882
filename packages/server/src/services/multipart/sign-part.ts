import { CacheError } from '../../cache-error.ts'
import { findUpload, partsId, unknownUpload } from './multipart-upload.ts'
import type { MultipartDeps, UploadReference } from './multipart-upload.ts'
import { openTicket, sealTicket } from './ticket.ts'
import type { Seal } from '../seal.ts'

export interface PartToSign extends UploadReference {
  readonly partNumber: number
  /** Base64. */
  readonly contentMD5: string
}

/** The right to send one part, once or again. */
export interface PartTicket {
  readonly cacheId: number
  readonly narId: string
  readonly number: number
  /** Lower-case hex, of the bytes to send. */
  readonly md5: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** What the first programs of this kind allow, too. */
const maxParts = 10_000
/** The ticket counts when a part begins to arrive; a client may have waited for its turn for long. */
const lifetimeMs = 24 * 3_600_000
const purpose = 'a part of an upload'

/** A ticket for whoever sends the part. Throws `bad-request` and `not-found`. */
export async function signPart({ parts, seal }: MultipartDeps, part: PartToSign): Promise<string> {
  const { partNumber: number, contentMD5 } = part
  if (!Number.isInteger(number) || number < 1 || number > maxParts) {
    const message = `A part has a number from 1 to ${maxParts}. A NAR that needs more is to be sent in larger parts (--chunk-size).`
    throw new CacheError('bad-request', message)
  }
  const { cacheId, narId } = findUpload(seal, part)
  if ((await parts.changedAt(partsId({ cacheId, narId }))) === undefined) throw unknownUpload()
  const md5 = Buffer.from(contentMD5, 'base64').toString('hex')
  const ticket: PartTicket = { cacheId, narId, number, md5, expiresAt: Date.now() + lifetimeMs }
  return sealTicket(seal, purpose, ticket)
}

/** Throws `not-authorized`. */
export function checkTicket(seal: Seal, text: string): PartTicket {
  const ticket = openTicket(seal, purpose, text) as PartTicket | undefined
  if (ticket !== undefined && ticket.expiresAt > Date.now()) return ticket
  const message = 'This address for a part of an upload was not made by this service, or is too old.'
  throw new CacheError('not-authorized', message)
}
