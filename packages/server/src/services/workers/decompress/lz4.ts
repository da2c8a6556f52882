// LZ4 frames, as https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md has them. The libraries for it decompress a
// whole file at once. Checksums are passed over: the hash of the NAR is checked anyway.

import { ByteSource } from './byte-source.ts'
import { decodeLz4Block, Lz4Window } from './lz4-block.ts'
import { damagedUpload } from './refused.ts'

const magic = 0x184d2204
const uncompressedBlock = 0x80000000

/** Bytes of a block, by the number in a frame's header. */
const blockSizes: Readonly<Record<number, number>> = {
  4: 64 * 1024,
  5: 256 * 1024,
  6: 1024 ** 2,
  7: 4 * 1024 ** 2,
}

interface FrameHeader {
  readonly maxBlock: number
  readonly hasBlockChecksums: boolean
  readonly hasContentChecksum: boolean
}

/** The contents of LZ4 frames, one after another. */
export function* decompressLz4(blocks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const source = new ByteSource(blocks, 'lz4')
  do yield* decompressFrame(source)
  while (!source.isAtEnd)
}

function* decompressFrame(source: ByteSource): Generator<Uint8Array> {
  const header = readHeader(source)
  const window = new Lz4Window(header.maxBlock)
  for (let word = readWord(source); word !== 0; word = readWord(source)) {
    const length = word & ~uncompressedBlock
    if (length > header.maxBlock) throw damagedUpload('lz4')
    const bytes = source.take(length)
    if (header.hasBlockChecksums) source.take(4)
    if (word >= uncompressedBlock) window.copy(bytes)
    else decodeLz4Block(bytes, window)
    yield window.takeBlock()
  }
  if (header.hasContentChecksum) source.take(4)
}

function readHeader(source: ByteSource): FrameHeader {
  if (readWord(source) !== magic) throw damagedUpload('lz4')
  const flags = source.byte()
  const maxBlock = blockSizes[(source.byte() >> 4) & 7]
  const [isVersion1, hasDictionary] = [flags >> 6 === 1, (flags & 1) !== 0]
  if (!isVersion1 || hasDictionary || maxBlock === undefined) throw damagedUpload('lz4')
  if ((flags & 8) !== 0) source.take(8)
  source.byte()
  return { maxBlock, hasBlockChecksums: (flags & 16) !== 0, hasContentChecksum: (flags & 4) !== 0 }
}

/** 32 bits, little-endian. */
function readWord(source: ByteSource): number {
  const [a = 0, b = 0, c = 0, d = 0] = source.take(4)
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}
