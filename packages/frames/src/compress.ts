import { buffer } from 'node:stream/consumers'
import { constants, createZstdCompress } from 'node:zlib'
import { readFrameLayout } from '@cachix/protocol'

/**
 * One zstd frame that states the size of its content and has no checksum. No block of it goes across a border between
 * parts; no part may be empty.
 */
export async function compress(parts: readonly Uint8Array[], level: number): Promise<Uint8Array> {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  const compressor = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: level },
    flush: constants.ZSTD_e_flush,
    // Without a promise the header has no content size.
    pledgedSrcSize: size,
    // Room for the whole frame, so that no part takes more than one trip to a thread.
    chunkSize: size + (size >> 8) + 512,
  })
  const collected = buffer(compressor)
  for (const part of parts) compressor.write(part)
  compressor.end()
  const bytes = await collected
  // Both Node and Bun may append an empty frame.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, readFrameLayout(bytes, size).size)
}
