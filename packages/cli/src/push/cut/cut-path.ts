import { nameChunk } from '@cachix/frames'
import { baseNameOf, cutSizes, NarCutter, parseBaseName, type Chunk, type CutMemory } from '@cachix/protocol'
import type { PathInfo } from '../../nix/store-reader.ts'

export interface NamedChunk extends Chunk {
  /** Lower-case hex SHA-256. */
  readonly name: string
}

/** The NAR of a store path in chunks that a rebuild does not change. Throws what reading the NAR throws. */
export async function* cutPath(
  info: PathInfo,
  nar: AsyncIterable<Uint8Array>,
  memory?: CutMemory,
): AsyncGenerator<NamedChunk, void> {
  const cutter = new NarCutter(storeHashesOf(info), cutSizes, memory)
  for await (const block of nar) {
    for (const chunk of cutter.write(block)) yield nameOf(chunk)
  }
  for (const chunk of cutter.end()) yield nameOf(chunk)
}

/** All that may occur in the contents of the path. */
function storeHashesOf({ storePath, references }: PathInfo): string[] {
  const baseNames = [baseNameOf(storePath), ...references]
  return [...new Set(baseNames.map((name) => parseBaseName(name).hash))]
}

function nameOf(chunk: Chunk): NamedChunk {
  return { ...chunk, name: nameChunk(chunk) }
}
