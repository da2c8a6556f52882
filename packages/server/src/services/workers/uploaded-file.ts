import { closeSync, openSync, readSync } from 'node:fs'

import type { Compression } from '../compression.ts'
import { decompressBzip2 } from './decompress/bzip2.ts'
import { decompressLz4 } from './decompress/lz4.ts'
import { decompressLzma } from './decompress/lzma.ts'
import { decompressLzw } from './decompress/lzw.ts'
import { decompressZlib } from './decompress/zlib.ts'
import { decompressZstd } from './decompress/zstd.ts'

/** A NAR, or a text, as it was sent. */
export interface UploadedFile {
  /** Its parts, one after another. */
  readonly paths: readonly string[]
  readonly compression: Compression
}

type Blocks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

const blockSize = 256 * 1024

/** What is in the file; see `decompressUpload`. */
export function readUpload({ paths, compression }: UploadedFile): Blocks {
  return decompressUpload(joinFiles(paths), compression)
}

/**
 * The contents of a file that comes in blocks. However much they are, what is in memory is bounded: one window, 70 MB at the
 * most. Several streams one after another are taken together; bytes that belong to none are refused. A block is valid
 * until the next one. Throws `unsupported` for what cannot be decompressed and `truncated` for what ends too early.
 */
export function decompressUpload(blocks: Iterable<Uint8Array>, compression: Compression): Blocks {
  return decoders[compression](blocks)
}

const decoders: Readonly<Record<Compression, (blocks: Iterable<Uint8Array>) => Blocks>> = {
  none: (blocks) => blocks,
  zstd: decompressZstd,
  gzip: (blocks) => decompressZlib(blocks, 'gzip'),
  br: (blocks) => decompressZlib(blocks, 'br'),
  xz: (blocks) => decompressLzma(blocks, 'xz'),
  lzma: (blocks) => decompressLzma(blocks, 'lzma'),
  lzip: (blocks) => decompressLzma(blocks, 'lzip'),
  bzip2: decompressBzip2,
  lz4: decompressLz4,
  compress: decompressLzw,
}

/** The bytes of files, one file after another, read as they are asked for; each block is the caller's own. */
export function* joinFiles(paths: readonly string[]): Generator<Uint8Array, void> {
  for (const path of paths) {
    const file = openSync(path, 'r')
    try {
      for (let block = readBlock(file); block.length > 0; block = readBlock(file)) yield block
    } finally {
      closeSync(file)
    }
  }
}

function readBlock(file: number): Uint8Array {
  const block = Buffer.allocUnsafeSlow(blockSize)
  return block.subarray(0, readSync(file, block))
}
