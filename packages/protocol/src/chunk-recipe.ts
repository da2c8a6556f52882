// Of which chunks a NAR consists and what fills their holes, as a client sends it. Numbers are LEB128:
//
//   version 1
//   how many chunks  then for each: the 32 bytes of its name, how many slots it has,
//                    and for each slot a store hash (a number; if it is new, its 20 bytes follow)

import { BinaryNames } from './binary-names.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FormatError } from './format-error.ts'
import { TermReader, TermWriter } from './terms.ts'

/** A chunk and what fills its slots. */
export interface FilledChunk {
  /** Lower-case hex SHA-256. */
  readonly name: string
  /** Store hashes. */
  readonly hashes: readonly string[]
}

const version = 1
const leastChunkBytes = 33
const names = new BinaryNames(invalid)

export function encodeChunkRecipe(chunks: readonly FilledChunk[]): Uint8Array {
  const writer = new ByteWriter()
  const hashes = new TermWriter(writer, names.encodeStoreHash)
  writer.number(version)
  writer.number(chunks.length)
  for (const chunk of chunks) {
    writer.bytes(names.encodeSha256(chunk.name))
    writer.number(chunk.hashes.length)
    for (const hash of chunk.hashes) hashes.write(hash)
  }
  return writer.end()
}

/** Throws `FormatError`. */
export function decodeChunkRecipe(bytes: Uint8Array): FilledChunk[] {
  const reader = new ByteReader(bytes, invalid)
  const hashes = new TermReader(reader, names.decodeStoreHash, invalid)
  if (reader.number() !== version) throw invalid(`its version is not ${version}`)
  const chunks = Array.from({ length: reader.count(leastChunkBytes) }, () => ({
    name: names.decodeSha256(reader),
    hashes: Array.from({ length: reader.count(1) }, () => hashes.read()),
  }))
  reader.end()
  return chunks
}

function invalid(reason: string): FormatError {
  return new FormatError('recipe', `This is not the recipe of a NAR: ${reason}.`)
}
