import type { FilledChunk } from '@cachix/protocol'

import type { Cache } from '../database/cache-database.ts'
import type { AssembleDeps } from './assemble-path.ts'
import { storeChunks } from './receive-bundle.ts'
import type { UploadedFile } from './workers/uploaded-file.ts'

export interface UploadToStore {
  readonly cache: Cache
  readonly file: UploadedFile
  /** Of the path's references and its own. */
  readonly storeHashes: readonly string[]
  readonly signal: AbortSignal
}

/** Stores the chunks of a NAR that was sent whole, as if its sender had cut it. Throws `disk-full`. */
export async function storeUpload(deps: AssembleDeps, request: UploadToStore): Promise<FilledChunk[]> {
  const { cache, file, storeHashes, signal } = request
  const recipe = await deps.workers.run('cutUpload', { ...file, storeHashes }, signal)
  const names = [...new Set(recipe.map((chunk) => chunk.name))]
  const stored = new Set(await deps.database.chunks.stored(names))
  const wanted = names.filter((name) => !stored.has(name))
  if (wanted.length > 0) await packUpload(deps, request, wanted)
  // Whoever sent the NAR had all of its chunks.
  await deps.database.chunks.hold(cache.id, names)
  return recipe
}

async function packUpload(
  deps: AssembleDeps,
  { file, storeHashes, signal }: UploadToStore,
  wanted: readonly string[],
): Promise<void> {
  const spool = await deps.packs.createSpool()
  try {
    const task = { ...file, storeHashes, wanted, target: spool.path }
    const added = await deps.workers.run('packUpload', task, signal)
    await storeChunks(deps, added, spool)
  } finally {
    await spool.discard()
  }
}
