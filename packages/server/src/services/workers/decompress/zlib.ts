import { pipeline } from 'node:stream/promises'
import { constants, createBrotliDecompress, createGunzip } from 'node:zlib'

import { damagedUpload, trailingBytes, truncatedUpload } from './refused.ts'

const chunkSize = 256 * 1024

/** What Node's own zlib decompresses: gzip, of one member or many, and brotli. */
export async function* decompressZlib(
  blocks: Iterable<Uint8Array>,
  compression: 'gzip' | 'br',
): AsyncGenerator<Uint8Array> {
  const decompressor = compression === 'gzip' ? createGunzip({ chunkSize }) : openBrotli()
  let fed = 0
  let isAllFed = false
  function* count(): Generator<Uint8Array> {
    for (const block of blocks) {
      fed += block.length
      yield block
    }
    isAllFed = true
  }
  // How feeding ends says nothing: it is broken off where the compressed data ends before the file does.
  const feeding = Promise.allSettled([pipeline(count, decompressor)])
  try {
    yield* decompressor as AsyncIterable<Uint8Array>
  } catch (error) {
    throw isUnfinished(error) ? truncatedUpload(compression) : damagedUpload(compression, error)
  }
  await feeding
  if (!isAllFed || decompressor.bytesWritten !== fed) throw trailingBytes(compression)
}

/** Without large windows, for which a file could claim a gigabyte. */
function openBrotli() {
  return createBrotliDecompress({ chunkSize, params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 } })
}

function isUnfinished(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
}
