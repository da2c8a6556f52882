import { verifyFrame } from '@cachix/frames'
import { decodeChunkLayout } from '@cachix/protocol'
import type { PackedChunk } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { NewChunks } from '../../database/cache-database.ts'
import { BundledNars } from './bundled-nars.ts'
import type { MadeNar } from './bundled-nars.ts'
import { explained } from './explain-format.ts'
import { FrameFiles } from './frame-files.ts'
import type { JobContext } from './job-context.ts'
import { PackDigest } from './pack-digest.ts'
import { PackWriter } from './pack-writer.ts'

export interface SentFrames {
  /** Of frames back to back. */
  readonly path: string
  /** What they are, as the sender says. */
  readonly chunks: readonly PackedChunk[]
  /** Names of the chunks to pack. */
  readonly wanted: readonly string[]
  /** Of NARs, each of chunks that follow one another. */
  readonly recipes: readonly Uint8Array[]
  /** Where to write the pack, unless all are wanted. */
  readonly target: string
}

export interface PackedChunks extends NewChunks {
  /** What was sent is the pack already, and nothing was written. */
  readonly isAsSent: boolean
  /** Those of the recipes whose chunks were all wanted and that make a NAR. */
  readonly nars: readonly MadeNar[]
}

/**
 * Proves that all frames are what the sender says, packs those that are wanted, and puts NARs together on the way: that
 * saves decoding everything again when they are published. Throws `bad-request` and `disk-full`.
 */
export function packChunks(
  { path, chunks, wanted, recipes, target }: SentFrames,
  context: JobContext,
): PackedChunks {
  const isAsSent = wanted.length === chunks.length
  const wantedNames = new Set(wanted)
  const nars = new BundledNars({ chunks, recipes }, context)
  const source = new FrameFiles()
  const pack = isAsSent ? new PackDigest() : new PackWriter(target)
  try {
    const packed: NewChunks['chunks'][number][] = []
    let at = 0
    for (const chunk of chunks) {
      context.checkCancelled()
      const frame = source.view({ path, offset: at, length: chunk.length })
      at += chunk.length
      if (!wantedNames.has(chunk.name)) {
        verifyChunk(chunk, frame)
        nars.skip()
        continue
      }
      const added = { ...chunk, offset: pack.write(frame) }
      packed.push(added)
      nars.write(added, frame, verifyChunk(chunk, frame))
    }
    const written = pack.end()
    return { pack: written, chunks: packed, isAsSent, nars: nars.end(written.name) }
  } finally {
    source.close()
    pack.close()
  }
}

function verifyChunk(chunk: PackedChunk, bytes: Uint8Array): Uint8Array {
  return explained('bad-request', () => {
    try {
      return verifyFrame({ ...chunk, ...decodeChunkLayout(chunk.layout, chunk), bytes })
    } catch (error) {
      throw named(chunk.name, error)
    }
  })
}

/** So that whoever made the frame can find it. */
function named(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'FormatError') return error
  const message = `The frame of chunk ${name} is refused. ${error.message}`
  return new CacheError('bad-request', message, { cause: error })
}
