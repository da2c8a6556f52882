import type { Recipe, Run } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Pack, PackStore } from '../storage/pack-store.ts'

/** Bytes `start` up to but not including `end` of a pack that is there. */
export interface OpenRun {
  readonly pack: Pack
  readonly start: number
  readonly end: number
}

export interface ServedFile {
  /** Lower-case hex SHA-256 of the served file. */
  readonly fileHash: string
  /** Bytes of the served file. */
  readonly fileSize: number
}

/** Opens the packs of a recipe, or a part of one, of a served file. Throws `damaged` unless each is there, whole. */
export async function openRuns(packs: PackStore, recipe: Recipe, file: ServedFile): Promise<OpenRun[]> {
  const names = [...new Set(recipe.runs.map((run) => run.pack))]
  const opened = new Map(
    await Promise.all(names.map(async (name) => [name, await packs.open(name)] as const)),
  )
  return recipe.runs.map((run) => {
    const pack = opened.get(run.pack)
    if (pack === undefined || !isWhole(pack, run, file)) throw damaged(file)
    return { pack, start: run.offset, end: run.offset + run.length }
  })
}

export function damaged(file: ServedFile): CacheError {
  const message = `The stored bytes of NAR ${file.fileHash} are damaged. Pushing a path that has it again mends them.`
  return new CacheError('damaged', message)
}

/** A pack of the file's own name is that file; of a shared one, only the part that is needed is known. */
function isWhole(pack: Pack, run: Run, file: ServedFile): boolean {
  if (run.pack === file.fileHash) return pack.size === file.fileSize
  return pack.size >= run.offset + run.length
}
