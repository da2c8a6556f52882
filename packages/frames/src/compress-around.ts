import { readFrameLayout } from '@cachix/protocol'
import type { Chunk, Hole, Pattern } from '@cachix/protocol'
import { compress } from './compress.ts'
import type { EncodeOptions } from './encode-options.ts'
import type { PatchedFrame } from './patched-frame.ts'
import { splitAround } from './split-around.ts'

/** Which holes to compress as blocks of their own, and the random bytes that stand for them. */
export type RawHoles = ReadonlyMap<Hole, Uint8Array>

/** All else is left to zstd; `undefined` if it did not store these holes as they are. */
export async function compressAround(
  chunk: Chunk,
  raw: RawHoles,
  options: EncodeOptions,
): Promise<PatchedFrame | undefined> {
  const holes = chunk.pattern.filter((hole) => raw.has(hole))
  const content = fillWithRandomBytes(chunk, raw)
  const bytes = await compress(splitAround(content, holes), options)
  const patches = locate(holes, raw, bytes)
  return patches && { bytes, patches }
}

/** Holes that are not raw get what the last raw hole of their slot has. */
function fillWithRandomBytes({ bytes, pattern }: Chunk, raw: RawHoles): Uint8Array {
  const content = new Uint8Array(bytes)
  const lastOfSlot: Uint8Array[] = []
  for (const hole of pattern) {
    const filling = raw.get(hole) ?? lastOfSlot[hole.slot]
    if (filling === undefined) throw new TypeError('The first hole of each slot has to be raw.')
    content.set(filling, hole.offset)
    lastOfSlot[hole.slot] = filling
  }
  return content
}

/** The raw blocks of the frame with the bytes of the holes, which no other block can have. */
function locate(holes: Pattern, raw: RawHoles, frame: Uint8Array): Pattern | undefined {
  const patches: Hole[] = []
  for (const { offset, size } of readFrameLayout(frame, Infinity).rawBlocks) {
    const hole = holes[patches.length]
    if (hole === undefined) break
    const block = frame.subarray(offset, offset + size)
    if (raw.get(hole)?.every((byte, i) => byte === block[i])) patches.push({ offset, slot: hole.slot })
  }
  return patches.length === holes.length ? patches : undefined
}
