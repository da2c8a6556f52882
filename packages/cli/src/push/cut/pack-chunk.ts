import { encodeChunk, type EncodeOptions } from '@cachix/frames'
import { encodeChunkLayout, type PackedChunk } from '@cachix/protocol'
import type { NamedChunk } from './cut-path.ts'

/** A chunk as it goes into a bundle. */
export interface PackedFrame extends PackedChunk {
  readonly bytes: Uint8Array
  /** To be called when nobody looks at its bytes any more; they are gone then. */
  release?(): void
}

/** Compresses a chunk. */
export async function packChunk(chunk: NamedChunk, options: EncodeOptions): Promise<PackedFrame> {
  const { bytes, patches } = await encodeChunk(chunk, options)
  return {
    name: chunk.name,
    bytes,
    length: bytes.length,
    contentSize: chunk.bytes.length,
    layout: encodeChunkLayout({ pattern: chunk.pattern, patches }),
  }
}
