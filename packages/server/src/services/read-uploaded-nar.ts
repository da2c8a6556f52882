import type { AssembledFileDeps } from './assembled-file.ts'
import { openRuns } from './open-runs.ts'
import { readPart } from './read-nar.ts'
import type { NarRequest, ReadableNar } from './read-nar.ts'

export interface ReadableUpload extends ReadableNar {
  /** Otherwise only those who may write to the cache are to know of it. */
  readonly isServed: boolean
}

/** A file as it was sent to the cache, published or not; undefined if it is not there, or not any more. */
export async function readUploadedNar(
  deps: AssembledFileDeps,
  { cacheName, fileHash }: NarRequest,
): Promise<ReadableUpload | undefined> {
  const file = await deps.database.uploads.findFile(cacheName, fileHash)
  if (file === undefined) return undefined
  // Whoever is told that it is there counts on it.
  if (!file.isServed) await deps.database.packs.lease(fileHash)
  const { fileSize } = file
  const recipe = { runs: [{ pack: fileHash, offset: 0, length: fileSize }], patches: [] }
  return {
    ...file,
    async check() {
      await openRuns(deps, recipe)
    },
    read: (start, end) => readPart(deps, { fileHash, fileSize, recipe }, { start, end }),
  }
}
