import type { NarInfoCreate } from '@cachix/api'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase, Upload } from '../database/cache-database.ts'
import { assemblePath } from './assemble-path.ts'
import type { AssembledNar, AssembleDeps } from './assemble-path.ts'
import { isIntactPack } from './intact-pack.ts'
import { damaged } from './open-runs.ts'
import { parseUploadPublication } from './parse-publication.ts'
import type { UploadPublication } from './parse-publication.ts'
import { failureOf, newPathOf, signPath } from './publication-steps.ts'
import type { Seal } from './seal.ts'
import { storeUpload } from './store-upload.ts'

export interface PublishPathDeps extends AssembleDeps {
  readonly seal: Seal
}

export interface PublishRequest {
  readonly cache: Cache
  readonly info: NarInfoCreate
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal
}

/**
 * Makes a store path visible in a cache with a NAR that was sent whole, once everything that was claimed about it has
 * proved true. Throws `bad-request`, `not-found` (no such NAR was sent), `hash-mismatch`, `bad-signature`,
 * `missing-references`, `conflict`, `damaged` and `disk-full`; nothing that can be seen has changed then.
 */
export async function publishPath(
  deps: PublishPathDeps,
  { cache, info, signal }: PublishRequest,
): Promise<'published' | 'already-there'> {
  const path = parseUploadPublication(info)
  const upload = await findUpload(deps.database, cache, path)
  checkClaims(path, upload)
  const signatures = await signPath(deps, cache, path)
  const assembled = await assembleUpload(deps, { cache, path, upload, signal })
  const [result] = await deps.database.paths.publish(cache.id, [newPathOf(path, signatures, assembled)])
  if (result === undefined) throw new Error('The database did not say what became of a path.')
  const failure = failureOf(result, cache, path)
  if (failure !== undefined) throw failure
  return result.outcome as 'published' | 'already-there'
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
    const recipe = await storeUpload(deps, { cache, upload, storeHashes: storeHashesOf(path), signal })
    const names = recipe.map((chunk) => chunk.name)
    const found = await deps.database.chunks.find({ cacheId: cache.id }, names)
    const chunks = new Map(found.map((chunk) => [chunk.name, chunk]))
    return await assemblePath(deps, { ...path, recipe, chunks, signal })
  } catch (error) {
    // It was in order when it was sent.
    const isDamaged =
      error instanceof CacheError && !(await isIntactPack(deps.packs, upload.fileHash, signal))
    throw isDamaged ? await damaged(deps, upload.fileHash) : error
  }
}

function storeHashesOf({ storeHash, references }: UploadPublication): string[] {
  const ofReferences = references.map((baseName) => baseName.slice(0, baseName.indexOf('-')))
  return [...new Set([storeHash, ...ofReferences])].toSorted()
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

function checkClaims(path: UploadPublication, upload: Upload): void {
  const claims = [
    ['NAR hash', path.narHash, upload.narHash],
    ['NAR size', path.narSize, upload.narSize],
    ['file size', path.fileSize, upload.fileSize],
  ] as const
  for (const [what, claimed, found] of claims) {
    if (claimed === found) continue
    const message = `The uploaded NAR does not have the ${what} claimed: it is ${found}, not ${claimed}.`
    throw new CacheError('hash-mismatch', message)
  }
}
