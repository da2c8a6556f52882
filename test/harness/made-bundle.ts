import { encodeChunk, nameChunk } from '@cachix/frames'
import { encodeChunkLayout, encodeChunkRecipe, encodePackIndex, NarCutter } from '@cachix/protocol'
import type { MadePath } from './made-path.ts'

/** A made-up path as pushing clients send it: its chunks, and what publishes it once they are there. */
export interface MadeBundle {
  readonly names: readonly string[]
  readonly bundle: Buffer
  readonly publication: Readonly<Record<string, unknown>>
}

export async function makeBundle({ storeHash, name, nar, narInfo }: MadePath): Promise<MadeBundle> {
  const references = narInfo['cReferences'] as readonly string[]
  const cutter = new NarCutter([storeHash, ...references.map((baseName) => baseName.slice(0, 32))])
  const chunks = [...cutter.write(nar), ...cutter.end()]
  const names = chunks.map(nameChunk)
  const frames = await Promise.all(chunks.map((chunk) => encodeChunk(chunk, { level: 3 })))
  const index = chunks.map(({ pattern, bytes }, i) => ({
    name: names[i]!,
    length: frames[i]!.bytes.length,
    contentSize: bytes.length,
    layout: encodeChunkLayout({ pattern, patches: frames[i]!.patches }),
  }))
  return {
    names,
    bundle: Buffer.concat([encodePackIndex(index), ...frames.map(({ bytes }) => bytes)]),
    publication: {
      storePath: `${storeHash}-${name}`,
      narHash: narInfo['cNarHash'],
      narSize: nar.length,
      references,
      recipe: Buffer.from(
        encodeChunkRecipe(chunks.map(({ hashes }, i) => ({ name: names[i]!, hashes }))),
      ).toString('base64'),
    },
  }
}
