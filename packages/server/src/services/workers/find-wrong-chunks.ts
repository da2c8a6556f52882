import { verifyFrame } from '@cachix/frames'
import { decodeChunkLayout, FormatError } from '@cachix/protocol'

import type { NarPart, NarParts } from './assemble-nar.ts'
import { FrameFiles } from './frame-files.ts'
import type { JobContext } from './job-context.ts'

/** Names of those of the chunks whose stored frames are not what they should be. */
export function findWrongChunks({ chunks }: NarParts, context: JobContext): string[] {
  const source = new FrameFiles()
  try {
    const wrong = chunks.filter((chunk) => {
      context.checkCancelled()
      return !isRight(chunk, source.read(chunk))
    })
    return [...new Set(wrong.map((chunk) => chunk.name))]
  } finally {
    source.close()
  }
}

function isRight(chunk: NarPart, bytes: Uint8Array): boolean {
  try {
    verifyFrame({ ...chunk, ...decodeChunkLayout(chunk.layout, chunk), bytes })
    return true
  } catch (error) {
    if (error instanceof FormatError) return false
    throw error
  }
}
