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
  const collected = collect(compressor)
  for (const part of parts) compressor.write(part)
  compressor.end()
  const bytes = await collected
  // Both Node and Bun may append an empty frame. A copy: what came has room to spare that would stay in memory.
  return new Uint8Array(bytes.subarray(0, readFrameLayout(bytes, size).size))
}

/** Almost always there is one piece, which needs no copy. */
async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const collected: Uint8Array[] = []
  for await (const piece of pieces) collected.push(piece)
  const [only] = collected
  return only !== undefined && collected.length === 1 ? only : Buffer.concat(collected)
}
