// Finds where each of several concatenated zstd frames ends (RFC 8878, 3.1), without decompressing anything.

import { ByteQueue } from './byte-queue.ts'
import { FormatError } from './format-error.ts'

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
    if (this.#pending.bytes.length > 0) throw invalid('it stops inside a frame')
  }

  #next(): Frame | undefined {
    this.#frame ??= readFrameHeader(this.#pending.bytes, this.#limits)
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

const magic = 0xfd2fb528
const checksumBytes = 4
const maxBlockBytes = 128 * 1024
/** A decoder has to set the window aside. RFC 8878 recommends that decoders support windows of this size. */
const maxWindowBytes = 8 * 1024 * 1024

/** `undefined` while the header is incomplete. */
function readFrameHeader(bytes: Uint8Array, limits: FrameLimits): OpenFrame | undefined {
  if (bytes.length < 5) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0, true) !== magic) throw invalid('this is no zstd frame')
  const { hasWindow, hasChecksum, sizeBytes } = readDescriptor(view.getUint8(4))
  const sizeOffset = hasWindow ? 6 : 5
  if (bytes.length < sizeOffset + sizeBytes) return undefined

  const contentSize = readContentSize(view, sizeOffset, sizeBytes)
  if (contentSize > limits.maxContentBytes) throw invalid('its content is too large')
  if (hasWindow && windowSize(view.getUint8(5)) > Math.max(maxWindowBytes, limits.maxContentBytes)) {
    throw invalid('its window is too large')
  }
  return { contentSize, hasChecksum, scanned: sizeOffset + sizeBytes, sawLastBlock: false }
}

/** The byte after the magic number, which tells what else is in the header. */
function readDescriptor(descriptor: number): { hasWindow: boolean; hasChecksum: boolean; sizeBytes: number } {
  if ((descriptor & 0b1000) !== 0) throw invalid('its header has a reserved bit set')
  if ((descriptor & 0b11) !== 0) throw invalid('it needs a dictionary')
  const hasWindow = (descriptor & 0b10_0000) === 0
  const sizeBytes = [hasWindow ? 0 : 1, 2, 4, 8][descriptor >> 6] ?? 0
  if (sizeBytes === 0) throw invalid('it does not state the size of its content')
  return { hasWindow, hasChecksum: (descriptor & 0b100) !== 0, sizeBytes }
}

function readContentSize(view: DataView, offset: number, byteCount: number): number {
  if (byteCount === 1) return view.getUint8(offset)
  if (byteCount === 2) return view.getUint16(offset, true) + 256
  if (byteCount === 4) return view.getUint32(offset, true)
  return Number(view.getBigUint64(offset, true))
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

/** Steps over the blocks that are there; tells whether the whole frame is. */
function advance(frame: OpenFrame, bytes: Uint8Array, limits: FrameLimits): boolean {
  while (!frame.sawLastBlock && bytes.length >= frame.scanned + 3) {
    stepOverBlock(frame, bytes)
    if (frame.scanned > limits.maxFrameBytes) throw invalid('it is too long')
  }
  return frame.sawLastBlock && bytes.length >= frame.scanned
}

function stepOverBlock(frame: OpenFrame, bytes: Uint8Array): void {
  const at = frame.scanned
  const header = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
  const type = (header >> 1) & 0b11
  const size = header >> 3
  if (type === 3) throw invalid('it has a block of the reserved type')
  if (size > maxBlockBytes) throw invalid('it has a block that is too large')
  const isRun = type === 1
  frame.scanned += 3 + (isRun ? 1 : size)
  frame.sawLastBlock = (header & 1) === 1
  if (frame.sawLastBlock && frame.hasChecksum) frame.scanned += checksumBytes
}

function invalid(reason: string): FormatError {
  return new FormatError('zstd-frame', `The file is not the zstd frames it should be: ${reason}.`)
}
