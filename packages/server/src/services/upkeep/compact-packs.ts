// What is still used of mostly dead packs is copied to a new pack. Recipes change, the files they make do not. The old
// packs, then needed by nothing, are left to collection: who counts on them meanwhile, or on what was not copied, still
// finds it there, and a path published with it keeps its pack.

import { decodeRecipe } from '@cachix/protocol'
import type { Run } from '@cachix/protocol'

import type { KnownPack } from '../../database/upkeep-table.ts'
import { LocalPacks } from '../local-packs.ts'
import { mergeRanges } from './frame-map.ts'
import { moveFrames } from './move-frames.ts'
import { readPages } from './pages.ts'
import type { UpkeepDeps, UpkeepPace } from './upkeep-work.ts'

export interface CompactPace extends UpkeepPace {
  /** A pack of which a smaller part than this, from 0 to 1, is used is rewritten. */
  readonly leastUse: number
}

export interface Compacted {
  readonly packs: number
  /** Of all these packs. */
  readonly bytes: number
  /** Of what was copied. */
  readonly usedBytes: number
}

/** A pack and what recipes use of it, from left to right. */
interface SparsePack extends Compacted {
  readonly name: string
  readonly used: readonly Run[]
}

/** What `CompactPace.leastUse` is unless somebody wants otherwise. */
export const leastUse = 0.5

/** Bytes, about, of a new pack. */
const packSize = 32 * 1024 ** 2
const nothing = { packs: 0, bytes: 0, usedBytes: 0 }

/** Rewrites mostly dead packs older than the grace period. Safe beside everything else, other compactions included. */
export async function compactPacks(deps: UpkeepDeps, pace: CompactPace): Promise<Compacted> {
  let done = nothing
  let batch: SparsePack[] = []
  for await (const pack of sparsePacks(deps, pace)) {
    batch.push(pack)
    if (sum(batch).usedBytes < packSize) continue
    done = sum([done, await rewrite(deps, batch, pace.signal)])
    batch = []
    await pace.rest()
  }
  return sum([done, await rewrite(deps, batch, pace.signal)])
}

async function* sparsePacks(deps: UpkeepDeps, pace: CompactPace): AsyncGenerator<SparsePack> {
  const { upkeep } = deps.database
  const pages = readPages(
    (page) => upkeep.packs(page),
    (pack) => pack.name,
    pace,
  )
  for await (const packs of pages) {
    for (const pack of packs) {
      // Of a young pack only a part may be published yet.
      if (!pack.isSound || !pack.isNeeded || pack.createdAt > Date.now() - pace.graceMs) continue
      const sparse = await measure(deps, pack)
      if (sparse.usedBytes < pack.size * pace.leastUse) yield sparse
    }
  }
}

async function measure({ database }: UpkeepDeps, { name, size }: KnownPack): Promise<SparsePack> {
  const nars = await database.upkeep.narsIn(name)
  const runs = nars.flatMap((nar) => decodeRecipe(nar.recipe).runs.filter((run) => run.pack === name))
  const used = mergeRanges(runs).map(({ offset, length }) => ({ pack: name, offset, length }))
  return { name, packs: 1, bytes: size, used, usedBytes: used.reduce((bytes, run) => bytes + run.length, 0) }
}

/** A damaged pack must not get a new name that says it is right: it is left out, and no longer served. */
async function rewrite(
  deps: UpkeepDeps,
  sparse: readonly SparsePack[],
  signal: AbortSignal,
): Promise<Compacted> {
  if (sparse.length === 0) return nothing
  const spool = await deps.packs.createSpool()
  try {
    await using files = new LocalPacks(deps, signal)
    const sources = await Promise.all(
      sparse.map(async ({ name, used }) => ({ name, path: await files.path(name), used })),
    )
    const { pack, damaged } = await deps.workers.run('copyRanges', { sources, target: spool.path }, signal)
    if (damaged.length === 0) {
      await moveFrames(deps, { pack, copied: sparse.flatMap(({ used }) => used) }, spool)
      return sum(sparse)
    }
    for (const name of damaged) await deps.database.packs.markDamaged(name)
    const sound = sparse.filter(({ name }) => !damaged.includes(name))
    return await rewrite(deps, sound, signal)
  } finally {
    await spool.discard()
  }
}

function sum(parts: readonly Compacted[]): Compacted {
  const total = { ...nothing }
  for (const { packs, bytes, usedBytes } of parts) {
    total.packs += packs
    total.bytes += bytes
    total.usedBytes += usedBytes
  }
  return total
}
