import { verifyFrame } from '@cachix/frames'
import { decodeChunkLayout } from '@cachix/protocol'
import type { PackedChunk } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { NewChunks } from '../../database/cache-database.ts'
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
  /** Where to write the pack, unless all are wanted. */
  readonly target: string
}

export interface PackedChunks extends NewChunks {
  /** What was sent is the pack already, and nothing was written. */
  readonly isAsSent: boolean
}

/** Proves that all frames are what the sender says, and packs those that are wanted. Throws `bad-request`, `disk-full`. */
export function packChunks({ path, chunks, wanted, target }: SentFrames, context: JobContext): PackedChunks {
  const isAsSent = wanted.length === chunks.length
  const wantedNames = new Set(wanted)
  const source = new FrameFiles()
  const pack = isAsSent ? new PackDigest() : new PackWriter(target)
  try {
    const packed: NewChunks['chunks'][number][] = []
    let at = 0
    for (const chunk of chunks) {
      context.checkCancelled()
      const frame = source.view({ path, offset: at, length: chunk.length })
      if (wantedNames.has(chunk.name)) packed.push({ ...chunk, offset: pack.write(frame) })
      verifyChunk(chunk, frame)
      at += chunk.length
    }
    return { pack: pack.end(), chunks: packed, isAsSent }
  } finally {
    source.close()
    pack.close()
  }
}

function verifyChunk(chunk: PackedChunk, bytes: Uint8Array): void {
  explained('bad-request', () => {
    try {
      verifyFrame({ ...chunk, ...decodeChunkLayout(chunk.layout, chunk), bytes })
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
