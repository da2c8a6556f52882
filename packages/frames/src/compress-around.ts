import { randomFillSync } from 'node:crypto'
import { holeBytes, readFrameLayout } from '@cachix/protocol'
import type { Chunk, Hole, Pattern } from '@cachix/protocol'
import { compress } from './compress.ts'
import type { PatchedFrame } from './patched-frame.ts'
import { splitAround } from './split-around.ts'

/** With these holes as raw blocks, all else left to zstd; `undefined` if it did not store all of them. */
export async function compressAround(
  chunk: Chunk,
  raw: ReadonlySet<Hole>,
  level: number,
): Promise<PatchedFrame | undefined> {
  const holes = chunk.pattern.filter((hole) => raw.has(hole))
  const content = randomizeHoles(chunk, raw)
  const bytes = await compress(splitAround(content, holes), level)
  const patches = locateHoles(bytes, content, holes)
  return patches && { bytes, patches }
}

/** Each raw hole gets bytes of its own, the others those of the last raw hole of their slot. */
function randomizeHoles({ bytes, pattern }: Chunk, raw: ReadonlySet<Hole>): Uint8Array {
  const content = bytes.slice()
  const lastOffset: number[] = []
  for (const hole of pattern) {
    const { offset, slot } = hole
    const from = lastOffset[slot]
    if (raw.has(hole) || from === undefined) {
      randomFillSync(content, offset, holeBytes)
      lastOffset[slot] = offset
    } else content.copyWithin(offset, from, from + holeBytes)
  }
  return content
}

/** The raw blocks in the frame that hold the bytes of the holes, which no other block can. */
function locateHoles(frame: Uint8Array, content: Uint8Array, holes: Pattern): Pattern | undefined {
  const patches: Hole[] = []
  for (const { offset, size } of readFrameLayout(frame, content.length).rawBlocks) {
    const hole = holes[patches.length]
    if (hole === undefined) break
    const isHole =
      size === holeBytes && isSame(frame, offset, content.subarray(hole.offset, hole.offset + size))
    if (isHole) patches.push({ offset, slot: hole.slot })
  }
  return patches.length === holes.length ? patches : undefined
}

function isSame(frame: Uint8Array, offset: number, expected: Uint8Array): boolean {
  return expected.every((byte, i) => frame[offset + i] === byte)
}
