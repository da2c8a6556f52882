import type { KnownPack } from '../../database/upkeep-table.ts'
import { mapSome } from '../map-some.ts'
import type { CheckedPack } from '../workers/check-pack.ts'
import type { CheckPace } from './check-store.ts'
import { readPages } from './pages.ts'
import { salvagePack } from './salvage-pack.ts'
import type { UpkeepDeps } from './upkeep-work.ts'

export interface PackFindings {
  /** That were looked at. */
  readonly packs: number
  readonly packBytes: number
  /** Names of packs that are gone, or whose bytes are not those they are named after. */
  readonly damagedPacks: readonly string[]
  /** Names of packs that had been marked as damaged, and are right. */
  readonly recoveredPacks: readonly string[]
  /** Names of chunks whose frames are not there in packs that are right: they were recorded wrongly. */
  readonly wrongChunks: readonly string[]
}

const atOnce = 16

/** Checks every pack that is of use to somebody, and every frame in it. */
export async function checkPacks(deps: UpkeepDeps, pace: CheckPace): Promise<PackFindings> {
  const { upkeep } = deps.database
  const found = {
    packs: 0,
    packBytes: 0,
    damagedPacks: [] as string[],
    recoveredPacks: [] as string[],
    wrongChunks: [] as string[],
  }
  const pages = readPages(
    (page) => upkeep.packs(page),
    (pack) => pack.name,
    pace,
  )
  for await (const packs of pages) {
    const useful = packs.filter((pack) => pack.isSound || pack.isNeeded)
    await mapSome(useful, atOnce, async (pack) => {
      const { isIntact, wrongChunks } = await checkTwice(deps, pack, pace.signal)
      found.packs += 1
      found.packBytes += pack.size
      if (isIntact) {
        found.wrongChunks.push(...wrongChunks)
        if (!pack.isSound) found.recoveredPacks.push(pack.name)
        await keepIntact(deps, pack, wrongChunks)
      } else if ((await upkeep.unrecorded([pack.name])).length === 0) {
        found.damagedPacks.push(pack.name)
        await deps.database.packs.markDamaged(pack.name)
        if (pace.repair) await salvagePack(deps, pack.name, pace.signal)
      }
    })
  }
  return found
}

/** What is wrong at first may have been collected, moved or mended meanwhile. */
async function checkTwice(deps: UpkeepDeps, pack: KnownPack, signal: AbortSignal): Promise<CheckedPack> {
  const checked = await check(deps, pack, signal)
  return checked.isIntact && checked.wrongChunks.length === 0 ? checked : check(deps, pack, signal)
}

async function check(
  { database, packs, workers }: UpkeepDeps,
  { name }: KnownPack,
  signal: AbortSignal,
): Promise<CheckedPack> {
  const pack = await packs.open(name)
  if (pack?.path === undefined) return { isIntact: false, wrongChunks: [] }
  const chunks = await database.upkeep.chunksIn(name)
  return workers.run('checkPack', { name, path: pack.path, chunks }, signal)
}

async function keepIntact(
  { database }: UpkeepDeps,
  { name, size, isSound }: KnownPack,
  wrongChunks: readonly string[],
): Promise<void> {
  if (wrongChunks.length > 0) await database.chunks.forget(wrongChunks)
  if (!isSound) await database.chunks.record({ pack: { name, size }, chunks: [] })
}
