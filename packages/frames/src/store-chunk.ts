import type { Chunk, Hole } from '@cachix/protocol'
import type { PatchedFrame } from './patched-frame.ts'
import { splitAround } from './split-around.ts'

const frameHeaderBytes = 9
const blockHeaderBytes = 3
const maxBlockBytes = 128 * 1024

/** A frame of raw blocks only, in which every hole is a patch: it cannot fail, but nothing gets smaller. */
export function storeChunk({ bytes, pattern }: Chunk): PatchedFrame {
  const blocks = splitAround(bytes, pattern).flatMap(splitLarge)
  const frame = new Uint8Array(frameHeaderBytes + bytes.length + blocks.length * blockHeaderBytes)
  writeFrameHeader(frame, bytes.length)

  const placeOf = new Map<number, number>()
  let at = frameHeaderBytes
  for (const [i, block] of blocks.entries()) {
    writeBlockHeader(frame.subarray(at), block.length, i === blocks.length - 1)
    at += blockHeaderBytes
    placeOf.set(block.byteOffset - bytes.byteOffset, at)
    frame.set(block, at)
    at += block.length
  }
  return {
    bytes: frame,
    patches: pattern.map(({ offset, slot }): Hole => ({ offset: placeOf.get(offset) ?? 0, slot })),
  }
}

function splitLarge(part: Uint8Array): Uint8Array[] {
  const count = Math.ceil(part.length / maxBlockBytes)
  return Array.from({ length: count }, (_, i) => part.subarray(i * maxBlockBytes, (i + 1) * maxBlockBytes))
}

/** Magic number, descriptor (a single segment, four bytes of content size, no checksum), content size: RFC 8878, 3.1.1.1. */
function writeFrameHeader(target: Uint8Array, contentSize: number): void {
  target.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0])
  new DataView(target.buffer, target.byteOffset).setUint32(5, contentSize, true)
}

/** Of a raw block: 3.1.1.2. */
function writeBlockHeader(target: Uint8Array, size: number, isLast: boolean): void {
  const header = (size << 3) | (isLast ? 1 : 0)
  target.set([header & 255, (header >> 8) & 255, header >> 16])
}
