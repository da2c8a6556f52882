// What compress(1) writes, `.Z`, as the source of ncompress has it: https://github.com/vapier/ncompress. It has no
// checksum and no end but that of the file; the hash of the NAR is checked anyway. The libraries for it decompress a
// whole file at once.

import { ByteSource } from './byte-source.ts'
import { LzwCodes } from './lzw-codes.ts'
import { LzwTable } from './lzw-table.ts'
import { damagedUpload } from './refused.ts'

const signature = [0x1f, 0x9d] as const
const clearCode = 256
const [minWidth, widthLimit] = [9, 16]
const outputSize = 256 * 1024

interface LzwHeader {
  readonly maxWidth: number
  /** Whether code 256 empties the table. */
  readonly hasClearCode: boolean
}

/** The contents of a file. */
export function* decompressLzw(blocks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const output = new Uint8Array(outputSize)
  let written = 0
  for (const string of readStrings(new ByteSource(blocks, 'compress'))) {
    if (written + string.length > outputSize) {
      yield output.slice(0, written)
      written = 0
    }
    output.set(string, written)
    written += string.length
  }
  yield output.slice(0, written)
}

function* readStrings(source: ByteSource): Generator<Uint8Array> {
  const { maxWidth, hasClearCode } = readHeader(source)
  const table = new LzwTable(2 ** maxWidth, hasClearCode ? clearCode + 1 : clearCode)
  const codes = new LzwCodes(source)
  let width = minWidth
  let previous: number | undefined
  for (let code = codes.next(width); code !== undefined; code = codes.next(width)) {
    if (code === clearCode && hasClearCode) {
      codes.finishEight(width)
      table.clear()
      width = minWidth
      previous = undefined
      continue
    }
    yield readString(table, code, previous)
    previous = code
    // The string that the next code completes will be the first that needs a bit more.
    if (table.free >= 2 ** width && width < maxWidth) codes.finishEight(width++)
  }
}

/** Also completes the table: the string before, and the first byte of this one. */
function readString(table: LzwTable, code: number, previous: number | undefined): Uint8Array {
  if (previous === undefined) {
    if (code >= clearCode) throw damagedUpload('compress')
    return table.read(code)
  }
  if (code > table.free) throw damagedUpload('compress')
  // A code may be used as soon as it is known what it will be: the string before, and its own first byte again.
  const [first = 0] = table.read(code === table.free ? previous : code)
  table.add(previous, first)
  if (code >= table.free) throw damagedUpload('compress')
  return table.read(code)
}

function readHeader(source: ByteSource): LzwHeader {
  const [a, b, flags = 0] = source.take(3)
  const maxWidth = flags & 0x1f
  const isKnown = a === signature[0] && b === signature[1] && (flags & 0x60) === 0
  if (!isKnown || maxWidth < minWidth || maxWidth > widthLimit) throw damagedUpload('compress')
  return { maxWidth, hasClearCode: (flags & 0x80) !== 0 }
}
