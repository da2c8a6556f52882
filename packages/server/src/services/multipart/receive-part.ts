import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

import { CacheError } from '../../cache-error.ts'
import type { PackStore } from '../../storage/pack-store.ts'
import { spoolUpload } from '../spool-upload.ts'
import { partsId, unknownUpload } from './multipart-upload.ts'
import type { MultipartDeps } from './multipart-upload.ts'
import type { PartTicket } from './sign-part.ts'

export interface ReceivePartDeps extends MultipartDeps {
  readonly packs: PackStore
  /** Bytes of all parts together. */
  readonly maxUploadSize: number
}

export interface SentPart {
  readonly ticket: PartTicket
  readonly body: Readable
  /** Aborted when the sender has gone. */
  readonly signal: AbortSignal
}

/**
 * Takes in a part of a NAR: when this returns, it is durable. In any order, many at once, and again in place of itself.
 * Throws `bad-request` if its bytes are others than were signed, `not-found`, `too-large`, `truncated` and `disk-full`.
 */
export async function receivePart(deps: ReceivePartDeps, { ticket, body, signal }: SentPart): Promise<void> {
  const { number, md5 } = ticket
  const id = partsId(ticket)
  const maxSize = await roomFor(deps, { id, number })
  const spool = await deps.packs.createSpool()
  try {
    const hash = createHash('md5')
    await spoolUpload(spool.path, { body, maxSize, signal, hash })
    if (hash.digest('hex') !== md5)
      throw new CacheError('bad-request', `Part ${number} does not have the MD5 it was signed with.`)
    if (!(await deps.parts.put({ id, number, md5 }, spool))) throw unknownUpload()
  } finally {
    await spool.discard()
  }
}

/** Bytes that the part may have beside the others. */
async function roomFor(
  { parts, maxUploadSize }: ReceivePartDeps,
  { id, number }: { readonly id: string; readonly number: number },
): Promise<number> {
  const others = await parts.sizeBeside(id, number)
  if (others === undefined) throw unknownUpload()
  return maxUploadSize - others
}
