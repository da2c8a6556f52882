import { mergeRanges } from './frame-map.ts'
import { moveFrames } from './move-frames.ts'
import type { UpkeepDeps } from './upkeep-work.ts'

/** Copies what is right in a damaged pack to a new one, so that only what needs the rest is to be pushed again. */
export async function salvagePack(deps: UpkeepDeps, name: string, signal: AbortSignal): Promise<void> {
  const pack = await deps.packs.open(name)
  if (pack?.path === undefined) return
  const spool = await deps.packs.createSpool()
  try {
    const chunks = await deps.database.upkeep.chunksIn(name)
    const task = { name, path: pack.path, chunks, target: spool.path }
    const salvaged = await deps.workers.run('salvageFrames', task, signal)
    if (salvaged.copied.length === 0) return
    const copied = mergeRanges(salvaged.copied).map(({ offset, length }) => ({ pack: name, offset, length }))
    await moveFrames(deps, { pack: salvaged.pack, copied }, spool)
  } finally {
    await spool.discard()
  }
}
