import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { JobContext } from './job-context.ts'
import { PackWriter } from './pack-writer.ts'
import type { WrittenPack } from './pack-digest.ts'
import { readBlocks } from './read-blocks.ts'

export interface RangesToCopy {
  readonly sources: readonly SourcePack[]
  /** Where to write the copy. */
  readonly target: string
}

interface SourcePack {
  readonly name: string
  readonly path: string
  /** From left to right; they do not overlap. */
  readonly used: readonly { readonly offset: number; readonly length: number }[]
}

export interface CopiedRanges {
  readonly pack: WrittenPack
  /** Names of the sources whose bytes are not those they are named after: the copy is of no use then. */
  readonly damaged: readonly string[]
}

/** Copies parts of packs one after another, and checks the whole packs on the way. Throws `disk-full`. */
export function copyRanges({ sources, target }: RangesToCopy, context: JobContext): CopiedRanges {
  const writer = new PackWriter(target)
  try {
    const damaged = sources.filter((source) => {
      const hash = createHash('sha256')
      copyUsed(source, writer, { hash, context })
      return hash.digest('hex') !== source.name
    })
    return { pack: writer.end(), damaged: damaged.map((source) => source.name) }
  } finally {
    writer.close()
  }
}

interface Check {
  readonly hash: Hash
  readonly context: JobContext
}

function copyUsed({ path, used }: SourcePack, writer: PackWriter, { hash, context }: Check): void {
  let position = 0
  let next = 0
  for (const block of readBlocks(path)) {
    context.checkCancelled()
    hash.update(block)
    const end = position + block.length
    for (let range = used[next]; range && range.offset < end; range = used[next]) {
      const rangeEnd = range.offset + range.length
      writer.write(
        block.subarray(Math.max(range.offset - position, 0), Math.min(rangeEnd - position, block.length)),
      )
      // The rest of it is in the next block.
      if (rangeEnd > end) break
      next++
    }
    position = end
  }
}
