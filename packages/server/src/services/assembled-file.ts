import type { Recipe } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { AssembledFiles } from '../storage/assembled-files.ts'
import { LocalPacks } from './local-packs.ts'
import { openRuns } from './open-runs.ts'
import type { OpenRunsDeps } from './open-runs.ts'

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
export function assembledFile(
  deps: AssembledFileDeps,
  { fileHash, fileSize, recipe }: NarFile,
): Promise<string | undefined> {
  return deps.assembled.get(fileHash, fileSize, (target) => assemble(deps, recipe, target))
}

async function assemble(deps: AssembledFileDeps, recipe: Recipe, target: string): Promise<void> {
  // Not the signal of a reader, for whom others may be waiting as well.
  const { signal } = new AbortController()
  await openRuns(deps, recipe)
  await using files = new LocalPacks(deps, signal)
  const runs = await Promise.all(
    recipe.runs.map(async ({ pack, offset, length }) => ({ path: await files.path(pack), offset, length })),
  )
  try {
    await deps.readWorkers.run('writeServedFile', { runs, patches: recipe.patches, target }, signal)
  } catch (error) {
    // Says which pack it is, and marks it.
    if (error instanceof CacheError && error.code === 'damaged') await openRuns(deps, recipe)
    throw error
  }
}
