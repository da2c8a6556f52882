import { open } from 'node:fs/promises'

import { nameChunk } from '@cachix/frames'

import type { CutPath } from '../sample-push.ts'
import type { ServiceStage } from '../service-stage.ts'

const everything = { after: '', limit: 1000 }

/** Flips a byte of a chunk of the path, where it is stored. Gives the name of that pack. */
export async function flipByte({ database, packs }: ServiceStage, path: CutPath): Promise<string> {
  const name = nameChunk(path.chunks.at(-1)!)
  for (const pack of await database.upkeep.packs(everything)) {
    const chunk = (await database.upkeep.chunksIn(pack.name)).find((chunk) => chunk.name === name)
    if (chunk === undefined) continue
    const file = await open((await packs.open(pack.name))!.path!, 'r+')
    const at = chunk.offset + chunk.length - 20
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at)
    await file.write(Buffer.of(buffer[0]! ^ 1), 0, 1, at)
    await file.close()
    return pack.name
  }
  throw new Error(`${path.name} is not stored.`)
}
