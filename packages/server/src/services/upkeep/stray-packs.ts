import type { PackRecord } from '../../database/cache-database.ts'
import { pageSize } from './upkeep-work.ts'
import type { UpkeepDeps, UpkeepPace } from './upkeep-work.ts'

/** Stored packs that are not recorded, older than the grace period: those of pushes under way are younger. */
export async function* strayPacks(
  { database, packs }: Pick<UpkeepDeps, 'database' | 'packs'>,
  { graceMs, rest, signal }: UpkeepPace,
): AsyncGenerator<readonly PackRecord[]> {
  for await (const names of inGroups(packs.list())) {
    signal.throwIfAborted()
    const strays: PackRecord[] = []
    for (const name of await database.upkeep.unrecorded(names)) {
      const pack = await packs.open(name)
      if (pack && pack.storedAt <= Date.now() - graceMs) strays.push({ name, size: pack.size })
    }
    if (strays.length > 0) yield strays
    await rest()
  }
}

async function* inGroups(names: AsyncIterable<string>): AsyncGenerator<string[]> {
  let group: string[] = []
  for await (const name of names) {
    group.push(name)
    if (group.length < pageSize) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
