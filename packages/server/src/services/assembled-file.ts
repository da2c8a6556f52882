import type { Recipe } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { AssembledFiles } from '../storage/assembled-files.ts'
import { LocalPacks } from './local-packs.ts'
import { openRuns } from './open-runs.ts'
import type { OpenRunsDeps } from './open-runs.ts'
import { writeServedFile } from './workers/write-served-file.ts'

export interface AssembledFileDeps extends OpenRunsDeps {
  readonly assembled: AssembledFiles
}

export interface NarFile {
  readonly fileHash: string
  readonly fileSize: number
  readonly recipe: Recipe
}

/**
 * The path of a NAR's served file, put together once for all who ask for it; undefined if there is no room for it. Throws
 * `damaged` if a pack it needs is gone or not as it was stored.
 */
export function assembledFile(deps: AssembledFileDeps, nar: NarFile): Promise<string | undefined> {
  return deps.assembled.get(nar.fileHash, nar.fileSize, (target) => assemble(deps, nar, target))
}

/**
 * Bytes of a file that is written right here: that takes less than a millisecond, and handing it to another thread takes
 * as long, a hundred times so where that has to be started first.
 */
const mostWrittenHere = 1024 * 1024

async function assemble(
  deps: AssembledFileDeps,
  { fileSize, recipe }: NarFile,
  target: string,
): Promise<void> {
  // Not the signal of a reader, for whom others may be waiting as well.
  const { signal } = new AbortController()
  const open = await openRuns(deps, recipe)
  await using copies = new LocalPacks(deps, signal)
  const runs = await Promise.all(
    open.map(async ({ name, pack, start, end }) => {
      return { path: pack.path ?? (await copies.path(name)), offset: start, length: end - start }
    }),
  )
  const file = { runs, patches: recipe.patches, target }
  try {
    if (fileSize <= mostWrittenHere) writeServedFile(file)
    else await deps.readWorkers.run('writeServedFile', file, signal)
  } catch (error) {
    // Says which pack it is, and marks it.
    if (error instanceof CacheError && error.code === 'damaged') await openRuns(deps, recipe)
    throw error
  }
}
