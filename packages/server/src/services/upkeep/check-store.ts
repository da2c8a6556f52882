import type { DamagedPath } from '../../database/upkeep-table.ts'
import { checkNars } from './check-nars.ts'
import { checkPacks } from './check-packs.ts'
import type { PackFindings } from './check-packs.ts'
import { strayPacks } from './stray-packs.ts'
import type { UpkeepDeps, UpkeepPace } from './upkeep-work.ts'

export interface CheckPace extends UpkeepPace {
  /** Also read and decompress every NAR: takes as long as serving all of them. */
  readonly thorough: boolean
  /** Save what is right in damaged packs, and let collection have the files that belong to nothing. */
  readonly repair: boolean
}

export interface StoreReport extends PackFindings {
  readonly nars: number
  /** File hashes of NARs whose recipes are not right. */
  readonly wrongNars: readonly string[]
  /** Files that belong to nothing. They do no harm, and collection takes them. */
  readonly strays: number
  readonly strayBytes: number
  /** What to push again. */
  readonly damagedPaths: readonly DamagedPath[]
  readonly isSound: boolean
}

/**
 * Checks all that is stored, beside everything else. What is not right is no longer served, and pushing it again mends it;
 * what was marked as damaged and is right is served again.
 */
export async function checkStore(deps: UpkeepDeps, pace: CheckPace): Promise<StoreReport> {
  const packs = await checkPacks(deps, pace)
  const { nars, wrongNars } = await checkNars(deps, pace)
  const strays = await checkStrays(deps, pace)
  const damagedPaths = await deps.database.upkeep.damagedPaths()
  const findings = [packs.damagedPacks, packs.wrongChunks, wrongNars, damagedPaths]
  return {
    ...packs,
    nars,
    wrongNars,
    ...strays,
    damagedPaths,
    isSound: findings.every((found) => found.length === 0),
  }
}

async function checkStrays(
  deps: UpkeepDeps,
  pace: CheckPace,
): Promise<Pick<StoreReport, 'strays' | 'strayBytes'>> {
  const found = { strays: 0, strayBytes: 0 }
  for await (const strays of strayPacks(deps, pace)) {
    for (const { size } of strays) {
      found.strays += 1
      found.strayBytes += size
    }
    if (pace.repair) await deps.database.upkeep.adopt(strays)
  }
  return found
}
