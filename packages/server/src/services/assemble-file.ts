import type { Cache } from '../database/cache-database.ts'
import { assemblePath } from './assemble-path.ts'
import type { AssembledNar, AssembleDeps } from './assemble-path.ts'
import type { UploadPublication } from './parse-publication.ts'
import { storeUpload } from './store-upload.ts'
import type { UploadedFile } from './workers/uploaded-file.ts'

export interface FileToAssemble {
  readonly cache: Cache
  readonly path: UploadPublication
  /** Was checked: it has the NAR that the path is said to have. */
  readonly file: UploadedFile
  readonly signal: AbortSignal
}

/** The NAR of a path that was sent whole, stored and verified. Throws `damaged` and `disk-full`. */
export async function assembleFile(deps: AssembleDeps, request: FileToAssemble): Promise<AssembledNar> {
  const { cache, path, file, signal } = request
  const recipe = await storeUpload(deps, { cache, file, storeHashes: storeHashesOf(path), signal })
  const names = recipe.map((chunk) => chunk.name)
  const found = await deps.database.chunks.find({ cacheId: cache.id }, names)
  const chunks = new Map(found.map((chunk) => [chunk.name, chunk]))
  return assemblePath(deps, { ...path, recipe, chunks, signal })
}

function storeHashesOf({ storeHash, references }: UploadPublication): string[] {
  const ofReferences = references.map((baseName) => baseName.slice(0, baseName.indexOf('-')))
  return [...new Set([storeHash, ...ofReferences])].toSorted()
}
