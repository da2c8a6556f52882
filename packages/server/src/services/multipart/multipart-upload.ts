import type { Cache } from '../../database/cache-database.ts'
import type { PartStore } from '../../storage/part-store.ts'
import { CacheError } from '../../cache-error.ts'
import type { Seal } from '../seal.ts'
import type { Compression } from '../compression.ts'
import { openTicket, sealTicket } from './ticket.ts'

/**
 * A NAR that is sent in parts. Nothing is remembered of it but the parts: what there is to know lies sealed in the id that
 * its sender was given, so it outlives restarts of the service.
 */
export interface MultipartUpload {
  readonly cacheId: number
  /** A UUID. */
  readonly narId: string
  readonly compression: Compression
}

export interface MultipartDeps {
  readonly parts: PartStore
  readonly seal: Seal
}

/** What the sender says of the upload. */
export interface UploadReference {
  readonly cache: Cache
  readonly narId: string
  readonly uploadId: string
}

const purpose = 'an upload in parts'

/** The id that its sender is given, with all there is to know sealed in it. */
export function uploadIdOf(seal: Seal, upload: MultipartUpload): string {
  return sealTicket(seal, purpose, upload)
}

/** Throws `not-found` if no such upload was begun in this cache. Whether it is at its end is not known by this. */
export function findUpload(seal: Seal, { cache, narId, uploadId }: UploadReference): MultipartUpload {
  const upload = openTicket(seal, purpose, uploadId) as MultipartUpload | undefined
  if (upload?.cacheId === cache.id && upload.narId === narId) return upload
  throw unknownUpload()
}

/** Under which the part store has it. */
export function partsId({ cacheId, narId }: Pick<MultipartUpload, 'cacheId' | 'narId'>): string {
  return `${cacheId}-${narId}`
}

/** `not-found`: the same for one that never was and one that is over. */
export function unknownUpload(): CacheError {
  return new CacheError(
    'not-found',
    'No such upload is under way: it was aborted, or given up because no part of it came for long. Send the path again.',
  )
}
