// bzip2 has no specification but its source; what is here follows https://en.wikipedia.org/wiki/Bzip2#File_format. The
// libraries for it decompress 5 MB/s, or a whole file at once. Checksums are passed over: the hash of the NAR is checked
// anyway.

import { BitReader } from './bit-reader.ts'
import { invertTransform } from './bzip2-runs.ts'
import { readBzip2Block } from './bzip2-block.ts'
import { ByteSource } from './byte-source.ts'
import { damagedUpload } from './refused.ts'

const [signature0, signature1, signature2] = [0x42, 0x5a, 0x68]
const blockMagic = [0x314159, 0x265359] as const
const endMagic = [0x177245, 0x385090] as const

/** The contents of bzip2 streams, one after another. */
export function* decompressBzip2(blocks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const source = new ByteSource(blocks, 'bzip2')
  do yield* decompressStream(source)
  while (!source.isAtEnd)
}

function* decompressStream(source: ByteSource): Generator<Uint8Array> {
  const [a, b, c, level = 0] = source.take(4)
  const hundreds = level - 0x30
  if (a !== signature0 || b !== signature1 || c !== signature2) throw damagedUpload('bzip2')
  if (hundreds < 1 || hundreds > 9) throw damagedUpload('bzip2')
  const bits = new BitReader(source)
  const transformed = new Uint32Array(hundreds * 100_000)
  while (readMagic(bits) === 'block') {
    yield* invertTransform(readBzip2Block(bits, transformed), transformed)
  }
}

/** With the checksum that follows. */
function readMagic(bits: BitReader): 'block' | 'end' {
  const [first, second] = [bits.read(24), bits.read(24)]
  bits.read(16)
  bits.read(16)
  if (first === blockMagic[0] && second === blockMagic[1]) return 'block'
  if (first === endMagic[0] && second === endMagic[1]) return 'end'
  throw damagedUpload('bzip2')
}
