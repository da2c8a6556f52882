import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase, PublishOptions, PublishResult } from '../database/cache-database.ts'
import type { Upload } from '../database/upload-table.ts'
import { assembleFile } from './assemble-file.ts'
import type { AssembledNar, AssembleDeps } from './assemble-path.ts'
import { checkClaims } from './check-claims.ts'
import type { Compression } from './compression.ts'
import { isIntactPack } from './intact-pack.ts'
import { LocalPacks } from './local-packs.ts'
import { damaged } from './open-runs.ts'
import type { Publication, UploadPublication } from './parse-publication.ts'
import { failureOf, newPathOf, signPath } from './publication-steps.ts'
import { readCacheKeys } from './signature-of.ts'
import type { Seal } from './seal.ts'

export interface PublishPathDeps extends AssembleDeps {
  readonly seal: Seal
}

export interface UploadToPublish {
  readonly cache: Cache
  readonly path: UploadPublication
  readonly upload: Upload
  readonly options?: PublishOptions
  readonly signal: AbortSignal
}

/** `waiting`: visible once everything it refers to is. */
export type Published = Exclude<PublishResult['outcome'], 'conflict' | 'missing-references'>

/**
 * Makes a store path visible with a NAR that was sent whole, once everything that was claimed about it has proved true.
 * Throws `hash-mismatch`, `bad-signature`, `missing-references`, `conflict`, `damaged` and `disk-full`; nothing that can be
 * seen has changed then.
 */
export async function publishUpload(deps: PublishPathDeps, request: UploadToPublish): Promise<Published> {
  const { cache, path, upload, options } = request
  checkClaims(path, upload)
  const signatures = await signPath(await readCacheKeys(deps, cache), path)
  return publishReady(deps, cache, {
    path,
    signatures,
    assembled: await assembleUpload(deps, request),
    options,
  })
}

export interface ReadyPath {
  readonly path: Publication
  readonly signatures: readonly string[]
  readonly assembled: AssembledNar
  readonly options?: PublishOptions | undefined
}

/** Throws `conflict`, `damaged` and, unless it may wait, `missing-references`. */
export async function publishReady(
  { database }: Pick<PublishPathDeps, 'database'>,
  cache: Cache,
  { path, signatures, assembled, options }: ReadyPath,
): Promise<Published> {
  const newPaths = [newPathOf(path, signatures, assembled)]
  const [result] = await database.paths.publish(cache.id, newPaths, options)
  if (result === undefined) throw new Error('The database did not say what became of a path.')
  const failure = failureOf(result, cache, path)
  if (failure !== undefined) throw failure
  return result.outcome as Published
}

async function assembleUpload(deps: AssembleDeps, request: UploadToPublish): Promise<AssembledNar> {
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

/** Throws `not-found` if the cache was not sent the file. */
export async function requireUpload(
  { uploads }: Pick<CacheDatabase, 'uploads'>,
  cache: Cache,
  fileHash: string,
): Promise<Upload> {
  const upload = await uploads.find(cache.id, fileHash)
  if (upload !== undefined) return upload
  const message = `No NAR with the file hash ${fileHash} was uploaded to cache ${cache.name}. Upload it first.`
  throw new CacheError('not-found', message)
}
