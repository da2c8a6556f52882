// Finds where each of several concatenated zstd frames ends (RFC 8878, 3.1), without decompressing anything.

import { ByteQueue } from './byte-queue.ts'
import {
  blockHeaderBytes,
  checksumBytes,
  invalidFrame,
  readBlockHeader,
  readFrameHeader,
} from './zstd-header.ts'

export interface Frame {
  /** The whole frame. */
  readonly bytes: Uint8Array
  /** Bytes the frame's header says it decompresses to. */
  readonly contentSize: number
}

export interface FrameLimits {
  readonly maxFrameBytes: number
  readonly maxContentBytes: number
}

/** Bytes of uncompressed NAR in a frame; only the last of a NAR has less. */
export const maxFrameContent = 1024 * 1024

/**
 * Takes a stream in blocks of any size and gives each frame once it is whole, keeping at most one unfinished frame and one
 * block. Throws `FormatError` on anything but ordinary frames that state their content size, need no dictionary and keep
 * to the limits; after that it is of no more use. The size of contents is what the header claims: check it when decompressing.
 */
export class FrameSplitter {
  readonly #limits: FrameLimits
  readonly #pending = new ByteQueue()
  #frame: OpenFrame | undefined

  constructor(limits: FrameLimits) {
    this.#limits = limits
  }

  write(bytes: Uint8Array): Frame[] {
    this.#pending.append(bytes)
    const frames: Frame[] = []
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame)
    return frames
  }

  /** Throws if the stream stopped inside a frame. */
  end(): void {
    if (this.#pending.bytes.length > 0) throw invalidFrame('it stops inside a frame')
  }

  #next(): Frame | undefined {
    this.#frame ??= openFrame(this.#pending.bytes, this.#limits)
    if (this.#frame === undefined || !advance(this.#frame, this.#pending.bytes, this.#limits))
      return undefined
    const { scanned, contentSize } = this.#frame
    this.#frame = undefined
    return { bytes: this.#pending.take(scanned), contentSize }
  }
}

/** A frame whose header has been read and perhaps some of its blocks. */
interface OpenFrame {
  readonly contentSize: number
  readonly hasChecksum: boolean
  /** Offset of the next block, or of the end once the last block has been seen. */
  scanned: number
  sawLastBlock: boolean
}

/** `undefined` while the header is incomplete. */
function openFrame(bytes: Uint8Array, { maxContentBytes }: FrameLimits): OpenFrame | undefined {
  const header = readFrameHeader(bytes, maxContentBytes)
  if (header === undefined) return undefined
  const { contentSize, hasChecksum } = header
  return { contentSize, hasChecksum, scanned: header.size, sawLastBlock: false }
}

/** Steps over the blocks that are there; tells whether the whole frame is. */
function advance(frame: OpenFrame, bytes: Uint8Array, limits: FrameLimits): boolean {
  while (!frame.sawLastBlock && bytes.length >= frame.scanned + blockHeaderBytes) {
    const { size, isLast } = readBlockHeader(bytes, frame.scanned)
    frame.scanned += blockHeaderBytes + size
    frame.sawLastBlock = isLast
    if (isLast && frame.hasChecksum) frame.scanned += checksumBytes
    if (frame.scanned > limits.maxFrameBytes) throw invalidFrame('it is too long')
  }
  return frame.sawLastBlock && bytes.length >= frame.scanned
}
