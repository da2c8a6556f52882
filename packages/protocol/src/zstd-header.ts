// The headers of a zstd frame and of its blocks (RFC 8878, 3.1.1).

import { FormatError } from './format-error.ts'

export interface FrameHeader {
  /** Bytes. */
  readonly size: number
  readonly contentSize: number
  readonly hasChecksum: boolean
}

export interface BlockHeader {
  readonly isRaw: boolean
  readonly isLast: boolean
  /** Bytes of the block that follow the header. */
  readonly size: number
}

export const blockHeaderBytes = 3
export const checksumBytes = 4

const magic = 0xfd2fb528
const maxBlockBytes = 128 * 1024
/** A decoder has to set the window aside. RFC 8878 recommends that decoders support windows of this size. */
const maxWindowBytes = 8 * 1024 * 1024

/**
 * `undefined` while the header is incomplete. Throws `FormatError` for frames that do not state their content size, need a
 * dictionary, or claim more than `maxContentBytes`.
 */
export function readFrameHeader(bytes: Uint8Array, maxContentBytes: number): FrameHeader | undefined {
  if (bytes.length < 5) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0, true) !== magic) throw invalidFrame('this is no zstd frame')
  const { hasWindow, hasChecksum, sizeBytes } = readDescriptor(view.getUint8(4))
  const sizeOffset = hasWindow ? 6 : 5
  if (bytes.length < sizeOffset + sizeBytes) return undefined

  const contentSize = readContentSize(view, sizeOffset, sizeBytes)
  if (contentSize > maxContentBytes) throw invalidFrame('its content is too large')
  if (hasWindow && windowSize(view.getUint8(5)) > Math.max(maxWindowBytes, maxContentBytes)) {
    throw invalidFrame('its window is too large')
  }
  return { size: sizeOffset + sizeBytes, contentSize, hasChecksum }
}

/** Of the block at `at`, whose header must be there. */
export function readBlockHeader(bytes: Uint8Array, at: number): BlockHeader {
  const header = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
  const type = (header >> 1) & 0b11
  const size = header >> 3
  if (type === 3) throw invalidFrame('it has a block of the reserved type')
  if (size > maxBlockBytes) throw invalidFrame('it has a block that is too large')
  const isRun = type === 1
  return { isRaw: type === 0, isLast: (header & 1) === 1, size: isRun ? 1 : size }
}

/** The byte after the magic number, which tells what else is in the header. */
function readDescriptor(descriptor: number): { hasWindow: boolean; hasChecksum: boolean; sizeBytes: number } {
  if ((descriptor & 0b1000) !== 0) throw invalidFrame('its header has a reserved bit set')
  if ((descriptor & 0b11) !== 0) throw invalidFrame('it needs a dictionary')
  const hasWindow = (descriptor & 0b10_0000) === 0
  const sizeBytes = [hasWindow ? 0 : 1, 2, 4, 8][descriptor >> 6] ?? 0
  if (sizeBytes === 0) throw invalidFrame('it does not state the size of its content')
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

export function invalidFrame(reason: string): FormatError {
  return new FormatError('zstd-frame', `The file is not the zstd frames it should be: ${reason}.`)
}
