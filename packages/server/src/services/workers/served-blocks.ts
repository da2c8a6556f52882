import type { Patch } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import { PatchLayer } from '../patch-layer.ts'
import { FrameFiles } from './frame-files.ts'
import type { FrameInFile } from './frame-files.ts'

/** What makes a served file: ranges of packs one after another, and hashes laid over them. */
export interface FileParts {
  readonly runs: readonly FrameInFile[]
  readonly patches: readonly Patch[]
}

const blockSize = 256 * 1024

/**
 * The bytes of a served file, read as they are asked for. A block is valid until the next one. Throws `damaged` where a
 * pack ends too early.
 */
export function* servedBlocks({ runs, patches }: FileParts): Generator<Uint8Array, void> {
  const layer = new PatchLayer(patches)
  const file = new FrameFiles()
  try {
    for (const part of runs.flatMap(cut)) {
      const block = file.view(part)
      if (block.length < part.length) throw new CacheError('damaged', 'A pack of this NAR is cut short.')
      layer.lay(block)
      yield block
    }
  } finally {
    file.close()
  }
}

function cut({ path, offset, length }: FrameInFile): FrameInFile[] {
  return Array.from({ length: Math.ceil(length / blockSize) }, (_, i) => {
    const at = i * blockSize
    return { path, offset: offset + at, length: Math.min(blockSize, length - at) }
  })
}
