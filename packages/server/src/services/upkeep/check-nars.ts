import { decodeRecipe, FormatError, recipeSize } from '@cachix/protocol'
import type { Recipe } from '@cachix/protocol'

import type { KnownNar } from '../../database/upkeep-table.ts'
import type { Pack } from '../../storage/pack-store.ts'
import { mapSome } from '../map-some.ts'
import type { CheckPace } from './check-store.ts'
import { readPages } from './pages.ts'
import type { UpkeepDeps } from './upkeep-work.ts'

export interface NarFindings {
  readonly nars: number
  /** File hashes of those whose recipes are not right. */
  readonly wrongNars: readonly string[]
}

const atOnce = 16

/** Checks the recipes of all NARs that are served: against the packs and, if need be, against what they make. */
export async function checkNars(deps: UpkeepDeps, pace: CheckPace): Promise<NarFindings> {
  const found = { nars: 0, wrongNars: [] as string[] }
  const pages = readPages(
    (page) => deps.database.upkeep.nars(page),
    (nar) => nar.fileHash,
    pace,
  )
  for await (const nars of pages) {
    const served = nars.filter((nar) => !nar.isDamaged)
    await mapSome(served, atOnce, async (nar) => {
      found.nars += 1
      if (await isRight(deps, nar, pace)) return
      // One that was moved or mended meanwhile is not the one that was checked, and stays.
      if (await deps.database.upkeep.withdraw(nar)) found.wrongNars.push(nar.fileHash)
    })
  }
  return found
}

async function isRight(deps: UpkeepDeps, nar: KnownNar, pace: CheckPace): Promise<boolean> {
  const recipe = decode(nar.recipe)
  if (recipe === undefined || recipeSize(recipe) !== nar.fileSize) return false
  const packs = await openPacks(deps, recipe)
  const isInside = recipe.runs.every(
    ({ pack, offset, length }) => offset + length <= (packs.get(pack)?.size ?? 0),
  )
  if (!isInside || !pace.thorough) return isInside
  const runs = recipe.runs.map((run) => ({ ...run, path: packs.get(run.pack)?.path ?? '' }))
  const made = await deps.workers.run('checkNar', { runs, patches: recipe.patches }, pace.signal)
  return made?.fileHash === nar.fileHash && made.narHash === nar.narHash && made.narSize === nar.narSize
}

function decode(recipe: Uint8Array): Recipe | undefined {
  try {
    return decodeRecipe(recipe)
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

async function openPacks({ packs }: UpkeepDeps, { runs }: Recipe): Promise<Map<string, Pack>> {
  const opened = new Map<string, Pack>()
  for (const name of new Set(runs.map((run) => run.pack))) {
    const pack = await packs.open(name)
    if (pack !== undefined) opened.set(name, pack)
  }
  return opened
}
