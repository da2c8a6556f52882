import type { ReadableNar, ReadNarDeps, NarRequest } from './read-nar.ts'
import { readRecipe } from './read-nar.ts'

export interface ReadableUpload extends ReadableNar {
  /** Otherwise only those who may write to the cache are to know of it. */
  readonly isServed: boolean
}

/** A file as it was sent to the cache, published or not; undefined if it is not there, or not any more. */
export async function readUploadedNar(
  deps: ReadNarDeps,
  { cacheName, fileHash }: NarRequest,
): Promise<ReadableUpload | undefined> {
  const file = await deps.database.uploads.findFile(cacheName, fileHash)
  if (file === undefined) return undefined
  // Whoever is told that it is there counts on it.
  if (!file.isServed) await deps.database.packs.lease(fileHash)
  return {
    ...file,
    read: (start, end) =>
      readRecipe(deps, { runs: [{ pack: fileHash, offset: start, length: end - start }], patches: [] }),
  }
}
