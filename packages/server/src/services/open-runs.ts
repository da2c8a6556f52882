import type { Recipe, Run } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { CacheDatabase } from '../database/cache-database.ts'
import type { Pack, PackStore } from '../storage/pack-store.ts'
import { mapSome } from './map-some.ts'
import type { PackProofs } from './pack-proofs.ts'
import type { NarWorkers } from './workers/nar-workers.ts'

export interface OpenRunsDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly readWorkers: NarWorkers
  readonly proofs: PackProofs
}

/** Bytes `start` up to but not including `end` of a pack that is what it is named after. */
export interface OpenRun {
  readonly name: string
  readonly pack: Pack
  readonly start: number
  readonly end: number
}

const atOnce = 4

/** Opens the packs of a recipe, or a part of one. Throws `damaged` unless each is there as it was stored. */
export async function openRuns(deps: OpenRunsDeps, { runs }: Recipe): Promise<OpenRun[]> {
  const names = [...new Set(runs.map((run) => run.pack))]
  // Not all at once: a large NAR has many, and a thousand readers may ask for it.
  const packs = await mapSome(names, atOnce, (name) => openIntact(deps, name))
  const opened = new Map(names.map((name, i) => [name, packs[i]]))
  const open: OpenRun[] = []
  for (const run of runs) open.push(await openRun(deps, run, opened.get(run.pack)))
  return open
}

async function openIntact(deps: OpenRunsDeps, name: string): Promise<Pack | undefined> {
  const pack = await deps.packs.open(name)
  return pack !== undefined && (await deps.proofs.holds(deps, name, pack)) ? pack : undefined
}

async function openRun(
  deps: OpenRunsDeps,
  { pack: name, offset, length }: Run,
  pack: Pack | undefined,
): Promise<OpenRun> {
  const end = offset + length
  if (pack === undefined || pack.size < end) throw await damaged(deps, name)
  return { name, pack, start: offset, end }
}

/** Sees to it that nothing that needs the pack is served, so that it is pushed again; gives what to throw. */
export async function damaged(
  { database }: Pick<OpenRunsDeps, 'database'>,
  pack: string,
): Promise<CacheError> {
  await database.packs.markDamaged(pack)
  return new CacheError(
    'damaged',
    `Stored bytes of this NAR, in pack ${pack}, are damaged. Pushing its path again mends that.`,
  )
}
