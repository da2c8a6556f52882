import { nameChunk } from '@cachix/frames'
import { baseNameOf, NarCutter, parseBaseName, type Chunk } from '@cachix/protocol'
import { dumpNar } from '../nix/dump-nar.ts'
import type { PathInfo } from '../nix/store-reader.ts'
import { checkNar } from './check-nar.ts'

export interface NamedChunk extends Chunk {
  /** Lower-case hex SHA-256. */
  readonly name: string
}

/**
 * The NAR of a store path in chunks that a rebuild does not change. Throws NarDumpError, and in place of the end
 * DamagedPathError when the NAR is not the one the Nix store has on record.
 */
export async function* cutPath(info: PathInfo): AsyncGenerator<NamedChunk, void> {
  const nar = dumpNar(info.storePath, { blockSize: Math.min(blockSize, info.narSize || blockSize) })
  const cutter = new NarCutter(storeHashesOf(info))
  for await (const block of checkNar(nar, info)) {
    for (const chunk of cutter.write(block)) yield nameOf(chunk)
  }
  for (const chunk of cutter.end()) yield nameOf(chunk)
}

/** In bytes: large enough to keep trips to the disk few, small enough to stay in the processor's cache. */
const blockSize = 256 * 1024

/** All that may occur in the contents of the path. */
function storeHashesOf({ storePath, references }: PathInfo): string[] {
  const baseNames = [baseNameOf(storePath), ...references]
  return [...new Set(baseNames.map((name) => parseBaseName(name).hash))]
}

function nameOf(chunk: Chunk): NamedChunk {
  return { ...chunk, name: nameChunk(chunk) }
}
