import { randomBytes } from 'node:crypto'
import { fillHoles, holeBytes } from '@cachix/protocol'
import type { Chunk, Hole, Pattern } from '@cachix/protocol'
import { compress } from './compress.ts'
import { compressAround } from './compress-around.ts'
import type { PatchedFrame } from './patched-frame.ts'
import { storeChunk } from './store-chunk.ts'
import { traceFrame } from './trace.ts'

export interface EncodeOptions {
  /** Of zstd. */
  readonly level: number
}

const attempts = 8

/**
 * A frame that decompresses to the chunk with its holes filled with the chunk's hashes, and with others once they are
 * written over the patches. That has been checked.
 */
export async function encodeChunk(chunk: Chunk, { level }: EncodeOptions): Promise<PatchedFrame> {
  if (chunk.pattern.length === 0) return { bytes: await compress([chunk.bytes], level), patches: [] }
  const frame = await encodePatched(chunk, level)
  fillHoles(frame.bytes, frame.patches, chunk.hashes)
  return frame
}

/**
 * At first only the first hole of each slot is raw; where zstd did not encode another as a copy, that becomes raw too.
 * The rest stays as it was, so that this soon comes to an end. If it does not all are raw, and if nothing helps the chunk is
 * not compressed.
 */
async function encodePatched(chunk: Chunk, level: number): Promise<PatchedFrame> {
  let raw = withRandomBytes(firstOfEachSlot(chunk.pattern))
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const frame = await compressAround(chunk, raw, level)
    const unfilled = frame && findUnfilled(frame, chunk)
    if (frame && unfilled?.length === 0) return frame
    if (attempt === attempts - 1) raw = withRandomBytes(chunk.pattern)
    else if (unfilled) raw = new Map([...raw, ...withRandomBytes(unfilled)])
    else raw = withRandomBytes(raw.keys())
  }
  return storeChunk(chunk)
}

function firstOfEachSlot(pattern: Pattern): Iterable<Hole> {
  const firsts = new Map<number, Hole>()
  for (const hole of pattern) if (!firsts.has(hole.slot)) firsts.set(hole.slot, hole)
  return firsts.values()
}

function withRandomBytes(holes: Iterable<Hole>): Map<Hole, Uint8Array> {
  return new Map(Array.from(holes, (hole) => [hole, randomBytes(holeBytes)]))
}

/** `undefined` if the frame is of no use. */
function findUnfilled(frame: PatchedFrame, chunk: Chunk): readonly Hole[] | undefined {
  const { blanked, unfilled } = traceFrame(frame, chunk.pattern, chunk.bytes.length)
  return blanked && Buffer.compare(blanked, chunk.bytes) === 0 ? unfilled : undefined
}
