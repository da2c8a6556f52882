import type { NarInfoCreate } from '@cachix/api'

import type { Cache } from '../database/cache-database.ts'
import { parseUploadPublication } from './parse-publication.ts'
import { publishUpload, requireUpload } from './publish-upload.ts'
import type { Published, PublishPathDeps } from './publish-upload.ts'

export interface PublishRequest {
  readonly cache: Cache
  readonly info: NarInfoCreate
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal
}

/**
 * Makes a store path visible in a cache with a NAR that was sent whole, once everything that was claimed about it has
 * proved true. Clients that do this send paths in any order, so one whose references are not there yet waits for them.
 * Throws `bad-request`, `not-found` (no such NAR was sent), `hash-mismatch`, `bad-signature`, `conflict`, `damaged` and
 * `disk-full`; nothing that can be seen has changed then.
 */
export async function publishPath(
  deps: PublishPathDeps,
  { cache, info, signal }: PublishRequest,
): Promise<Published> {
  const path = parseUploadPublication(info)
  const upload = await requireUpload(deps.database, cache, path.fileHash)
  return publishUpload(deps, { cache, path, upload, options: { mayWait: true }, signal })
}
