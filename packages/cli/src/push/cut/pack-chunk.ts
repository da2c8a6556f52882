import { encodeChunk } from '@cachix/frames'
import { encodeChunkLayout, type PackedChunk } from '@cachix/protocol'
import type { NamedChunk } from './cut-path.ts'

/** A chunk as it goes into a bundle. */
export interface PackedFrame extends PackedChunk {
  readonly bytes: Uint8Array
}

/** Compresses a chunk. `level` is zstd's. */
export async function packChunk(chunk: NamedChunk, level: number): Promise<PackedFrame> {
  const { bytes, patches } = await encodeChunk(chunk, { level })
  return {
    name: chunk.name,
    bytes,
    length: bytes.length,
    contentSize: chunk.bytes.length,
    layout: encodeChunkLayout({ pattern: chunk.pattern, patches }),
  }
}
