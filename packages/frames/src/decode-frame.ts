import { zstdDecompressSync } from 'node:zlib'
import { FormatError } from '@cachix/protocol'

/** What a frame decompresses to; throws `FormatError` unless that is `contentSize` bytes. Never takes memory for more. */
export function decodeFrame(bytes: Uint8Array, contentSize: number): Uint8Array {
  const content = decompress(bytes, contentSize)
  if (content.length !== contentSize)
    throw new FormatError(
      'zstd-frame',
      `This frame decompresses to ${content.length} bytes instead of ${contentSize}.`,
    )
  return content
}

function decompress(bytes: Uint8Array, contentSize: number): Uint8Array {
  try {
    // With a little room to spare one call into zstd is enough; without, Node makes a second.
    return zstdDecompressSync(bytes, { chunkSize: contentSize + 64, maxOutputLength: contentSize + 64 })
  } catch (cause) {
    throw new FormatError('zstd-frame', 'This frame cannot be decompressed.', { cause })
  }
}
