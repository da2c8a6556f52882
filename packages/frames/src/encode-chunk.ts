import { randomBytes } from 'node:crypto'
import { fillHoles, holeBytes } from '@cachix/protocol'
import type { Chunk, Hole, Pattern } from '@cachix/protocol'
import { compressWhole } from './compress.ts'
import { compressAround } from './compress-around.ts'
import type { RawHoles } from './compress-around.ts'
import type { EncodeOptions } from './encode-options.ts'
import type { PatchedFrame } from './patched-frame.ts'
import { storeChunk } from './store-chunk.ts'
import { traceFrame } from './trace.ts'
import type { Trace } from './trace.ts'

/** Two or three are enough for the densest of real NARs. */
const attempts = 16

/**
 * A frame that decompresses to the chunk with its holes filled with the chunk's hashes, and with others once they are
 * written over the patches. That has been checked.
 */
export async function encodeChunk(chunk: Chunk, options: EncodeOptions): Promise<PatchedFrame> {
  if (chunk.pattern.length === 0) return { bytes: compressWhole(chunk.bytes, options), patches: [] }
  const frame = await encodePatched(chunk, options)
  fillHoles(frame.bytes, frame.patches, chunk.hashes)
  return frame
}

/**
 * At first only the first hole of each slot is raw; where zstd did not encode another as a copy, that becomes raw too. Where
 * the random bytes begin or end with what happens to follow or precede the same text elsewhere, zstd may copy them to
 * there: such a slot gets others. All else stays as it was, so that this soon comes to an end. If not, the chunk is not
 * compressed.
 */
async function encodePatched(chunk: Chunk, options: EncodeOptions): Promise<PatchedFrame> {
  let raw = withRandomBytes(firstOfEachSlot(chunk.pattern))
  for (let attempt = 0; attempt < attempts; attempt++) {
    const frame = await compressAround(chunk, raw, options)
    const trace = frame && traceFrame(frame, chunk.pattern, chunk.bytes.length)
    if (frame && trace && isRight(trace, chunk)) return frame
    raw = trace ? improve(raw, trace) : withRandomBytes(raw.keys())
  }
  return storeChunk(chunk)
}

function isRight({ blanked, leaking, unfilled }: Trace, { bytes }: Chunk): boolean {
  return unfilled.length === 0 && leaking.size === 0 && Buffer.compare(blanked, bytes) === 0
}

function improve(raw: RawHoles, { leaking, unfilled }: Trace): RawHoles {
  const leaks = raw.keys().filter((hole) => leaking.has(hole.slot))
  return new Map([...raw, ...withRandomBytes(unfilled), ...withRandomBytes(leaks)])
}

function firstOfEachSlot(pattern: Pattern): Iterable<Hole> {
  const firsts = new Map<number, Hole>()
  for (const hole of pattern) if (!firsts.has(hole.slot)) firsts.set(hole.slot, hole)
  return firsts.values()
}

function withRandomBytes(holes: Iterable<Hole>): RawHoles {
  return new Map(Array.from(holes, (hole) => [hole, randomBytes(holeBytes)]))
}
