// Nothing that somebody counts on may go, and nobody waits for collection. So a pack goes in steps, each of which looks
// again (see `UpkeepTable`), and a grace period lies between the step that takes an interest in it and those that end it.
// Whatever relies on a pack stops that clock: a path that needs it, being told about a chunk in it, the lease that comes
// before a file is put. A file without a record is first recorded as a pack that nothing needs, then goes the same way.

import type { PackRecord } from '../../database/cache-database.ts'
import { readPages } from './pages.ts'
import { strayPacks } from './stray-packs.ts'
import { pageSize } from './upkeep-work.ts'
import type { UpkeepDeps, UpkeepPace } from './upkeep-work.ts'

export interface Collected {
  /** That no path had. */
  readonly nars: number
  /** Files, whose bytes are free now. */
  readonly packs: number
  readonly bytes: number
}

type CollectDeps = Pick<UpkeepDeps, 'database' | 'packs'>

/** Deletes what nothing has needed for the grace period. Safe beside everything else, other collections included. */
export async function collectPacks(deps: CollectDeps, pace: UpkeepPace): Promise<Collected> {
  const nars = await dropNars(deps, pace)
  for await (const strays of strayPacks(deps, pace)) await deps.database.upkeep.adopt(strays)
  await noteUnneeded(deps, pace)
  const removed = await removeRetired(deps, pace)
  return { nars, packs: removed.length, bytes: removed.reduce((sum, pack) => sum + pack.size, 0) }
}

async function dropNars({ database }: CollectDeps, { rest, signal }: UpkeepPace): Promise<number> {
  let dropped = 0
  while (true) {
    signal.throwIfAborted()
    const count = await database.upkeep.dropNars(pageSize)
    if (count === 0) return dropped
    dropped += count
    await rest()
  }
}

async function noteUnneeded({ database: { upkeep } }: CollectDeps, pace: UpkeepPace): Promise<void> {
  const pages = readPages(
    (page) => upkeep.packs(page),
    (pack) => pack.name,
    pace,
  )
  for await (const packs of pages) {
    const unneeded = packs.filter((pack) => !pack.isNeeded)
    if (unneeded.length > 0) await upkeep.noteUnneeded(unneeded.map((pack) => pack.name))
  }
}

async function removeRetired(
  deps: CollectDeps,
  { graceMs, rest, signal }: UpkeepPace,
): Promise<PackRecord[]> {
  const since = Date.now() - graceMs
  const removed: PackRecord[] = []
  while (true) {
    const names = await deps.database.upkeep.retire(pageSize, since)
    const before = removed.length
    for (const name of names) {
      signal.throwIfAborted()
      const pack = await removePack(deps, name, since)
      if (pack !== undefined) removed.push(pack)
      await rest()
    }
    if (removed.length === before) return removed
  }
}

async function removePack(
  { database, packs }: CollectDeps,
  name: string,
  since: number,
): Promise<PackRecord | undefined> {
  const pack = await packs.open(name)
  const isRemoved = await database.upkeep.remove(name, since, () => packs.delete(name))
  return isRemoved ? { name, size: pack?.size ?? 0 } : undefined
}
