import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'

import type { PackStore } from '../storage/pack-store.ts'

/** Whether the pack is there and its bytes are still those it is named after. Reads all of it. */
export async function isIntactPack(packs: PackStore, name: string, signal: AbortSignal): Promise<boolean> {
  const pack = await packs.open(name)
  if (pack === undefined) return false
  const hash = createHash('sha256')
  await pipeline(
    pack.read(0, pack.size),
    async (blocks: AsyncIterable<Uint8Array>) => {
      for await (const block of blocks) hash.update(block)
    },
    { signal },
  )
  return hash.digest('hex') === name
}
