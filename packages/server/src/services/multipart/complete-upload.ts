import type { MultipartUploadComplete } from '@cachix/api'

import { CacheError } from '../../cache-error.ts'
import type { Cache } from '../../database/cache-database.ts'
import type { StoredPart } from '../../storage/part-store.ts'
import { assembleFile } from '../assemble-file.ts'
import { checkClaims } from '../check-claims.ts'
import { parseUploadPublication } from '../parse-publication.ts'
import type { UploadPublication } from '../parse-publication.ts'
import { signPath } from '../publication-steps.ts'
import { readCacheKeys } from '../signature-of.ts'
import { publishReady } from '../publish-upload.ts'
import type { Published, PublishPathDeps } from '../publish-upload.ts'
import { chooseParts } from './choose-parts.ts'
import { findUpload, partsId, unknownUpload } from './multipart-upload.ts'
import type { MultipartDeps, MultipartUpload, UploadReference } from './multipart-upload.ts'

export interface CompleteUploadDeps extends MultipartDeps, PublishPathDeps {}

export interface UploadToComplete extends UploadReference {
  readonly completion: MultipartUploadComplete
  readonly signal: AbortSignal
}

/**
 * Makes a store path visible whose NAR was sent in parts, once everything that was claimed about it has proved true; the
 * parts go then. Of an upload that was completed before, it says so again. Throws `bad-request`, `not-found`,
 * `hash-mismatch`, `bad-signature`, `conflict`, `invalid-nar`, `unsupported`, `truncated`, `damaged` and `disk-full`.
 */
export async function completeUpload(
  deps: CompleteUploadDeps,
  request: UploadToComplete,
): Promise<Published> {
  const upload = findUpload(deps.seal, request)
  const path = parseUploadPublication(request.completion.narInfoCreate)
  const id = partsId(upload)
  const stored = await deps.parts.find(id)
  if (stored === undefined) return findCompleted(deps, request.cache, path)
  try {
    const published = await publishParts(deps, request, { upload, path, stored })
    await deps.parts.end(id)
    return published
  } catch (error) {
    throw await giveUp(deps, id, error)
  }
}

/** What to say of an upload that could not be completed. */
async function giveUp({ parts }: CompleteUploadDeps, id: string, error: unknown): Promise<unknown> {
  if (!(error instanceof CacheError)) {
    // Aborted meanwhile: its parts went while they were read.
    return (await parts.find(id)) === undefined ? unknownUpload() : error
  }
  // Asking again would not help: a client that is told this begins anew.
  if (error.code !== 'unavailable') await parts.end(id)
  return error
}

interface ReceivedUpload {
  readonly upload: MultipartUpload
  readonly path: UploadPublication
  readonly stored: readonly StoredPart[]
}

async function publishParts(
  deps: CompleteUploadDeps,
  { cache, completion, signal }: UploadToComplete,
  { upload, path, stored }: ReceivedUpload,
): Promise<Published> {
  const parts = chooseParts(stored, completion.parts)
  checkSize(path, parts)
  const signatures = await signPath(await readCacheKeys(deps, cache), path)
  const file = { paths: parts.map((part) => part.path), compression: upload.compression }
  checkClaims(path, await deps.workers.run('checkParts', file, signal))
  const assembled = await assembleFile(deps, { cache, path, file, signal })
  return publishReady(deps, cache, { path, signatures, assembled, options: { mayWait: true } })
}

/** Before anything is read. */
function checkSize({ fileSize }: UploadPublication, parts: readonly StoredPart[]): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  if (size === fileSize) return
  const message = `${parts.length} parts of this upload are here, ${size} bytes, not the ${fileSize} claimed. Send the path again.`
  throw new CacheError('hash-mismatch', message)
}

/** The answer to a client that did not hear it. */
async function findCompleted(
  { database }: CompleteUploadDeps,
  cache: Cache,
  { storeHash, storeName, narHash }: UploadPublication,
): Promise<Published> {
  const visible = await database.paths.find(cache.id, storeHash)
  if (visible?.narHash === narHash && visible.storeName === storeName) return 'already-there'
  if ((await database.paths.findWaiting(cache.id, storeHash)) === narHash) return 'waiting'
  throw unknownUpload()
}
