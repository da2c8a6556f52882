import { createReadStream } from 'node:fs'

import { CacheError } from '../../cache-error.ts'
import { decompressBlocks } from './decompress-file.ts'

/** How NARs are compressed that come whole, in the words of a narinfo. */
export type Compression = 'zstd' | 'xz'

/** A compressed NAR as it was sent. */
export interface UploadedFile {
  /** Its parts, one after another. */
  readonly paths: readonly string[]
  readonly compression: Compression
}

const blockSize = 256 * 1024

/** The NAR in the file. Throws `unsupported` and `truncated`. */
export function readUpload({ paths, compression }: UploadedFile): AsyncGenerator<Uint8Array> {
  return decompressUpload(joinFiles(paths), compression)
}

/** The same for a file that comes in blocks of any size. */
export function decompressUpload(
  blocks: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  if (compression === 'zstd') return decompressBlocks(blocks)
  throw new CacheError('unsupported', 'This service takes NARs compressed with zstd only.')
}

export async function* joinFiles(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: blockSize })
}
