import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Pattern } from './cut/hole.ts'
import { decodePattern, encodePattern } from './cut/pattern.ts'
import { FormatError } from './format-error.ts'

/** Where the holes of a chunk are: in its bytes, and in the frame that was made of it. */
export interface ChunkLayout {
  readonly pattern: Pattern
  readonly patches: Pattern
}

export interface FrameSizes {
  /** Bytes of the frame. */
  readonly length: number
  /** Bytes of the chunk. */
  readonly contentSize: number
}

/** The length of the pattern, the pattern, and the patches as a pattern; nothing at all if there are no holes. */
export function encodeChunkLayout({ pattern, patches }: ChunkLayout): Uint8Array {
  const writer = new ByteWriter()
  if (pattern.length === 0) return writer.end()
  const encoded = encodePattern(pattern)
  writer.number(encoded.length)
  writer.bytes(encoded)
  writer.bytes(encodePattern(patches))
  return writer.end()
}

/** Throws `FormatError`. */
export function decodeChunkLayout(bytes: Uint8Array, { length, contentSize }: FrameSizes): ChunkLayout {
  if (bytes.length === 0) return { pattern: [], patches: [] }
  const reader = new ByteReader(bytes, invalid)
  const pattern = reader.bytes(reader.number())
  const layout = {
    pattern: decodePattern(pattern, contentSize),
    patches: decodePattern(reader.rest(), length),
  }
  if (layout.pattern.length === 0) throw invalid('it spells out that there are no holes')
  return layout
}

function invalid(reason: string): FormatError {
  return new FormatError('chunk', `This does not tell where the holes of a chunk are: ${reason}.`)
}
