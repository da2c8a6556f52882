// What is in a bundle of frames, sent before the frames, which follow back to back:
//
//   version 1                            one byte
//   length of the rest, in bytes         four bytes, the highest first
//   how many frames, then for each:      numbers are LEB128
//     name of the chunk                  32 bytes
//     length of the frame                bytes
//     size of the chunk                  bytes
//     length of the layout, the layout   see `encodeChunkLayout`
//
// One frame of 90 bytes that holds a chunk of 118 bytes without holes:
//
//   01  00 00 00 24  01 <32 bytes> 5a 76 00

import { BinaryNames } from './binary-names.ts'
import { ByteQueue } from './byte-queue.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FormatError } from './format-error.ts'

/** A chunk as a frame of a pack. */
export interface PackedChunk {
  /** Lower-case hex SHA-256. */
  readonly name: string
  /** Bytes of the frame. */
  readonly length: number
  /** Bytes of the chunk. */
  readonly contentSize: number
  /** As `encodeChunkLayout` makes it. */
  readonly layout: Uint8Array
}

const version = 1
const headerBytes = 5
const leastChunkBytes = 35
const names = new BinaryNames(invalid)

export function encodePackIndex(chunks: readonly PackedChunk[]): Uint8Array {
  const writer = new ByteWriter()
  writer.number(chunks.length)
  for (const { name, length, contentSize, layout } of chunks) {
    writer.bytes(names.encodeSha256(name))
    for (const number of [length, contentSize, layout.length]) writer.number(number)
    writer.bytes(layout)
  }
  const body = writer.end()
  const index = new Uint8Array(headerBytes + body.length)
  index[0] = version
  new DataView(index.buffer).setUint32(1, body.length)
  index.set(body, headerBytes)
  return index
}

/** Takes a bundle in blocks of any size and keeps its index. */
export class PackIndexReader {
  readonly #maxBytes: number
  readonly #pending = new ByteQueue()
  #chunks: readonly PackedChunk[] | undefined

  /** `maxBytes`: of an index; a longer one is refused. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Returns those of the bytes that belong to the frames. Throws `FormatError`. */
  write(bytes: Uint8Array): Uint8Array {
    if (this.#chunks !== undefined) return bytes
    this.#pending.append(bytes)
    const length = this.#indexLength()
    const { bytes: pending } = this.#pending
    if (length === undefined || pending.length < length) return new Uint8Array(0)
    this.#chunks = decodeIndex(pending.slice(headerBytes, length))
    return pending.subarray(length)
  }

  /** In the order of their frames. Throws `FormatError` if the bundle has stopped inside the index. */
  end(): readonly PackedChunk[] {
    if (this.#chunks === undefined) throw invalid('it stops inside its index')
    return this.#chunks
  }

  #indexLength(): number | undefined {
    const { bytes } = this.#pending
    if (bytes.length < headerBytes) return undefined
    if (bytes[0] !== version) throw invalid(`its version is not ${version}`)
    const length = headerBytes + new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
    if (length > this.#maxBytes) throw invalid('its index is too long')
    return length
  }
}

function decodeIndex(bytes: Uint8Array): PackedChunk[] {
  const reader = new ByteReader(bytes, invalid)
  const chunks = Array.from({ length: reader.count(leastChunkBytes) }, () => ({
    name: names.decodeSha256(reader),
    length: reader.number(),
    contentSize: reader.number(),
    layout: reader.bytes(reader.number()),
  }))
  reader.end()
  return chunks
}

function invalid(reason: string): FormatError {
  return new FormatError('chunk', `This is not a bundle of chunks: ${reason}.`)
}
