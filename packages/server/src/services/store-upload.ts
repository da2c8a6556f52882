import type { FilledChunk } from '@cachix/protocol'

import type { Cache, Upload } from '../database/cache-database.ts'
import type { AssembleDeps } from './assemble-path.ts'
import { LocalPacks } from './local-packs.ts'
import { storeChunks } from './receive-bundle.ts'

export interface UploadToStore {
  readonly cache: Cache
  readonly upload: Upload
  /** Of the path's references and its own. */
  readonly storeHashes: readonly string[]
  readonly signal: AbortSignal
}

/** Stores the chunks of a NAR that was sent whole, as if its sender had cut it. Throws `damaged` and `disk-full`. */
export async function storeUpload(deps: AssembleDeps, request: UploadToStore): Promise<FilledChunk[]> {
  const { cache, upload, storeHashes, signal } = request
  await using files = new LocalPacks(deps, signal)
  const file = { path: await files.path(upload.fileHash), storeHashes }
  const recipe = await deps.workers.run('cutUpload', file, signal)
  const names = [...new Set(recipe.map((chunk) => chunk.name))]
  const stored = new Set(await deps.database.chunks.stored(names))
  const wanted = names.filter((name) => !stored.has(name))
  if (wanted.length > 0) await packUpload(deps, { ...file, wanted, signal })
  // Whoever sent the NAR had all of its chunks.
  await deps.database.chunks.hold(cache.id, names)
  return recipe
}

interface UploadToPack {
  readonly path: string
  readonly storeHashes: readonly string[]
  readonly wanted: readonly string[]
  readonly signal: AbortSignal
}

async function packUpload(deps: AssembleDeps, { signal, ...task }: UploadToPack): Promise<void> {
  const spool = await deps.packs.createSpool()
  try {
    const added = await deps.workers.run('packUpload', { ...task, target: spool.path }, signal)
    await storeChunks(deps, added, spool)
  } finally {
    await spool.discard()
  }
}
