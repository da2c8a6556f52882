import type { NarInfoCreate } from '@cachix/api'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase, PublishResult } from '../database/cache-database.ts'
import type { Upload } from '../database/upload-table.ts'
import { assembleFile } from './assemble-file.ts'
import type { AssembledNar, AssembleDeps } from './assemble-path.ts'
import { checkClaims } from './check-claims.ts'
import { isIntactPack } from './intact-pack.ts'
import { LocalPacks } from './local-packs.ts'
import { damaged } from './open-runs.ts'
import { parseUploadPublication } from './parse-publication.ts'
import type { Publication, UploadPublication } from './parse-publication.ts'
import { failureOf, newPathOf, signPath } from './publication-steps.ts'
import type { Seal } from './seal.ts'
import type { Compression } from './compression.ts'

export interface PublishPathDeps extends AssembleDeps {
  readonly seal: Seal
}

export interface PublishRequest {
  readonly cache: Cache
  readonly info: NarInfoCreate
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal
}

/** `waiting`: visible once everything it refers to is. Clients that send whole NARs send them in any order. */
export type Published = Exclude<PublishResult['outcome'], 'conflict' | 'missing-references'>

/**
 * Makes a store path visible in a cache with a NAR that was sent whole, once everything that was claimed about it has
 * proved true. Throws `bad-request`, `not-found` (no such NAR was sent), `hash-mismatch`, `bad-signature`, `conflict`,
 * `damaged` and `disk-full`; nothing that can be seen has changed then.
 */
export async function publishPath(
  deps: PublishPathDeps,
  { cache, info, signal }: PublishRequest,
): Promise<Published> {
  const path = parseUploadPublication(info)
  const upload = await findUpload(deps.database, cache, path)
  checkClaims(path, upload)
  const signatures = await signPath(deps, cache, path)
  const assembled = await assembleUpload(deps, { cache, path, upload, signal })
  return publishInAnyOrder(deps, cache, { path, signatures, assembled })
}

interface ReadyPath {
  readonly path: Publication
  readonly signatures: readonly string[]
  readonly assembled: AssembledNar
}

/** Throws `conflict` and `damaged`. */
async function publishInAnyOrder(
  { database }: Pick<PublishPathDeps, 'database'>,
  cache: Cache,
  { path, signatures, assembled }: ReadyPath,
): Promise<Published> {
  const newPaths = [newPathOf(path, signatures, assembled)]
  const [result] = await database.paths.publish(cache.id, newPaths, { mayWait: true })
  if (result === undefined) throw new Error('The database did not say what became of a path.')
  const failure = failureOf(result, cache, path)
  if (failure !== undefined) throw failure
  return result.outcome as Published
}

interface UploadToAssemble {
  readonly cache: Cache
  readonly path: UploadPublication
  readonly upload: Upload
  readonly signal: AbortSignal
}

async function assembleUpload(deps: AssembleDeps, request: UploadToAssemble): Promise<AssembledNar> {
  const { cache, path, upload, signal } = request
  try {
    await using files = new LocalPacks(deps, signal)
    const file = {
      paths: [await files.path(upload.fileHash)],
      compression: upload.compression as Compression,
    }
    return await assembleFile(deps, { cache, path, file, signal })
  } catch (error) {
    // It was in order when it was sent.
    const isDamaged =
      error instanceof CacheError && !(await isIntactPack(deps.packs, upload.fileHash, signal))
    throw isDamaged ? await damaged(deps, upload.fileHash) : error
  }
}

async function findUpload(
  { uploads }: CacheDatabase,
  cache: Cache,
  { fileHash }: UploadPublication,
): Promise<Upload> {
  const upload = await uploads.find(cache.id, fileHash)
  if (upload !== undefined) return upload
  const message = `No NAR with the file hash ${fileHash} was uploaded to cache ${cache.name}. Upload it first.`
  throw new CacheError('not-found', message)
}
