import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib'
import type { ZstdOptions } from 'node:zlib'
import { readFrameLayout } from '@cachix/protocol'
import type { EncodeOptions } from './encode-options.ts'

/**
 * One zstd frame that states the size of its content and has no checksum. In this thread: a trip to another and the
 * stream around it take as long again as the compressing itself.
 */
export function compressWhole(content: Uint8Array, { level, allocate }: EncodeOptions): Uint8Array {
  return withoutSpare(zstdCompressSync(content, optionsFor(content.length, level)), content.length, allocate)
}

/**
 * One zstd frame that states the size of its content and has no checksum. No block of it goes across a border between
 * parts; no part may be empty.
 */
export async function compress(
  parts: readonly Uint8Array[],
  { level, allocate }: EncodeOptions,
): Promise<Uint8Array> {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  const compressor = createZstdCompress({ ...optionsFor(size, level), flush: constants.ZSTD_e_flush })
  const collected = collect(compressor)
  for (const part of parts) compressor.write(part)
  compressor.end()
  const bytes = await collected
  return withoutSpare(bytes, size, allocate)
}

function optionsFor(size: number, level: number): ZstdOptions {
  return {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    // Without a promise the header has no content size.
    pledgedSrcSize: size,
    // Room for the whole frame, so that one call into zstd is enough.
    chunkSize: size + (size >> 8) + 512,
  }
}

/** Both Node and Bun may append an empty frame. A copy: what came has room to spare that would stay in memory. */
function withoutSpare(bytes: Uint8Array, contentSize: number, allocate = newBytes): Uint8Array {
  const { size } = readFrameLayout(bytes, contentSize)
  const frame = allocate(size)
  frame.set(bytes.subarray(0, size))
  return frame
}

function newBytes(size: number): Uint8Array {
  return new Uint8Array(size)
}

/** Almost always there is one piece, which needs no copy. */
async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const collected: Uint8Array[] = []
  for await (const piece of pieces) collected.push(piece)
  const [only] = collected
  return only !== undefined && collected.length === 1 ? only : Buffer.concat(collected)
}
