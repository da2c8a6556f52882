import {
  blockHeaderBytes,
  checksumBytes,
  invalidFrame,
  readBlockHeader,
  readFrameHeader,
} from './zstd-header.ts'

/** Where things are in a zstd frame. */
export interface FrameLayout {
  /** Bytes of the frame. */
  readonly size: number
  readonly contentSize: number
  readonly hasChecksum: boolean
  /** Blocks stored as they are. A decoder copies them, whatever bytes they have. */
  readonly rawBlocks: readonly RawBlock[]
}

/** In bytes from the start of the frame, without the block's header. */
export interface RawBlock {
  readonly offset: number
  readonly size: number
}

/** Of the frame at the start of `bytes`. Throws `FormatError` if it is cut short, and for what `FrameSplitter` refuses. */
export function readFrameLayout(bytes: Uint8Array, maxContentBytes: number): FrameLayout {
  const header = readFrameHeader(bytes, maxContentBytes)
  if (header === undefined) throw invalidFrame('it stops inside a frame')
  const { contentSize, hasChecksum } = header
  const { end, rawBlocks } = readBlocks(bytes, header.size)
  const size = end + (hasChecksum ? checksumBytes : 0)
  if (size > bytes.length) throw invalidFrame('it stops inside a frame')
  return { size, contentSize, hasChecksum, rawBlocks }
}

function readBlocks(bytes: Uint8Array, start: number): { end: number; rawBlocks: RawBlock[] } {
  const rawBlocks: RawBlock[] = []
  for (let at = start; at + blockHeaderBytes <= bytes.length;) {
    const { isRaw, isLast, size } = readBlockHeader(bytes, at)
    const offset = at + blockHeaderBytes
    if (isRaw) rawBlocks.push({ offset, size })
    at = offset + size
    if (isLast) return { end: at, rawBlocks }
  }
  throw invalidFrame('it stops inside a frame')
}
