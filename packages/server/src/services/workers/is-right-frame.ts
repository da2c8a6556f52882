import { verifyFrame } from '@cachix/frames'
import { decodeChunkLayout, FormatError } from '@cachix/protocol'

import type { StoredChunk } from '../../database/cache-database.ts'

/** Whether these bytes are the frame of the chunk, with the holes and patches that are recorded. */
export function isRightFrame(chunk: StoredChunk, bytes: Uint8Array): boolean {
  try {
    verifyFrame({ ...chunk, ...decodeChunkLayout(chunk.layout, chunk), bytes })
    return true
  } catch (error) {
    if (error instanceof FormatError) return false
    throw error
  }
}
