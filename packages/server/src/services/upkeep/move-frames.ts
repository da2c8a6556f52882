import { decodeRecipe, encodeRecipe } from '@cachix/protocol'
import type { Run } from '@cachix/protocol'

import type { PackRecord } from '../../database/cache-database.ts'
import type { KnownNar, MovedChunk, MovedNar } from '../../database/upkeep-table.ts'
import type { Spool } from '../../storage/pack-store.ts'
import { FrameMap } from './frame-map.ts'
import type { UpkeepDeps } from './upkeep-work.ts'

export interface CopiedFrames {
  /** In the spool. */
  readonly pack: PackRecord
  /** What it was copied from, in this order. */
  readonly copied: readonly Run[]
}

/** Makes the copy a pack, and has every NAR and every chunk use it that can. Not a byte of what is served changes. */
export async function moveFrames(
  { database, packs }: Pick<UpkeepDeps, 'database' | 'packs'>,
  { pack, copied }: CopiedFrames,
  spool: Spool,
): Promise<void> {
  await database.packs.lease(pack.name)
  await packs.put(pack.name, spool)
  const map = new FrameMap(pack.name, copied)
  const oldPacks = [...new Set(copied.map((run) => run.pack))].filter((name) => name !== pack.name)
  const nars = new Map<string, MovedNar>()
  const chunks: MovedChunk[] = []
  for (const name of oldPacks) {
    for (const nar of await database.upkeep.narsIn(name)) {
      const moved = moveNar(nar, map)
      if (moved !== undefined) nars.set(nar.fileHash, moved)
    }
    for (const chunk of await database.upkeep.chunksIn(name)) {
      const newOffset = map.find(chunk)
      if (newOffset !== undefined) chunks.push({ ...chunk, newOffset })
    }
  }
  await database.upkeep.move({ pack, nars: [...nars.values()], chunks })
}

function moveNar({ fileHash, recipe }: KnownNar, map: FrameMap): MovedNar | undefined {
  const moved = map.apply(decodeRecipe(recipe))
  if (moved === undefined) return undefined
  const packs = [...new Set(moved.runs.map((run) => run.pack))]
  return { fileHash, oldRecipe: recipe, newRecipe: encodeRecipe(moved), packs }
}
