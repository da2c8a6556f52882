// What is in a bundle of frames, sent before the frames, which follow back to back:
//
//   version 1                            one byte
//   length of the rest, in bytes         four bytes, the highest first
//   how many frames, then for each:      numbers are LEB128
//     name of the chunk                  32 bytes
//     length of the frame                bytes
//     size of the chunk                  bytes
//     length of the layout, the layout   see `encodeChunkLayout`
//   how many recipes, then for each:     nothing at all if there are none
//     its length, the recipe             see `encodeChunkRecipe`
//
// A recipe tells of a NAR whose chunks all follow one another here, so that whoever takes in the frames can check the NAR
// while it has their contents at hand.
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

export interface PackIndex {
  /** In the order of their frames. */
  readonly chunks: readonly PackedChunk[]
  /** Of NARs that the frames make; as they were sent. */
  readonly recipes: readonly Uint8Array[]
}

const version = 1
const headerBytes = 5
const leastChunkBytes = 35
const leastRecipeBytes = 1
const names = new BinaryNames(invalid)

/** `recipes`: as `encodeChunkRecipe` makes them. */
export function encodePackIndex(
  chunks: readonly PackedChunk[],
  recipes: readonly Uint8Array[] = [],
): Uint8Array {
  const writer = new ByteWriter()
  writer.number(chunks.length)
  for (const { name, length, contentSize, layout } of chunks) {
    writer.bytes(names.encodeSha256(name))
    for (const number of [length, contentSize, layout.length]) writer.number(number)
    writer.bytes(layout)
  }
  if (recipes.length > 0) writer.number(recipes.length)
  for (const recipe of recipes) {
    writer.number(recipe.length)
    writer.bytes(recipe)
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
  #index: PackIndex | undefined

  /** `maxBytes`: of an index; a longer one is refused. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Returns those of the bytes that belong to the frames. Throws `FormatError`. */
  write(bytes: Uint8Array): Uint8Array {
    if (this.#index !== undefined) return bytes
    this.#pending.append(bytes)
    const length = this.#indexLength()
    const { bytes: pending } = this.#pending
    if (length === undefined || pending.length < length) return new Uint8Array(0)
    this.#index = decodeIndex(pending.slice(headerBytes, length))
    return pending.subarray(length)
  }

  /** Throws `FormatError` if the bundle has stopped inside the index. */
  end(): PackIndex {
    if (this.#index === undefined) throw invalid('it stops inside its index')
    return this.#index
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

function decodeIndex(bytes: Uint8Array): PackIndex {
  const reader = new ByteReader(bytes, invalid)
  const chunks = Array.from({ length: reader.count(leastChunkBytes) }, () => ({
    name: names.decodeSha256(reader),
    length: reader.number(),
    contentSize: reader.number(),
    layout: reader.bytes(reader.number()),
  }))
  return { chunks, recipes: decodeRecipes(reader) }
}

function decodeRecipes(reader: ByteReader): PackIndex['recipes'] {
  if (reader.isAtEnd) return []
  const recipes = Array.from({ length: reader.count(leastRecipeBytes) }, () => reader.bytes(reader.number()))
  if (recipes.length === 0) throw invalid('it spells out that there are no recipes')
  reader.end()
  return recipes
}

function invalid(reason: string): FormatError {
  return new FormatError('chunk', `This is not a bundle of chunks: ${reason}.`)
}
