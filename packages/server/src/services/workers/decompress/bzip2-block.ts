import type { BitReader } from './bit-reader.ts'
import { readHuffmanCode } from './huffman-code.ts'
import type { HuffmanCode } from './huffman-code.ts'
import { damagedUpload } from './refused.ts'

/** So many symbols, then perhaps another code. */
const groupSize = 50
const [runA, runB] = [0, 1]

export interface Bzip2Block {
  /** Bytes. */
  readonly length: number
  /** Where the first byte is. */
  readonly origin: number
}

/** Reads a block after its checksum into `bytes`, one in each element: still as the Burrows-Wheeler transform left them. */
export function readBzip2Block(bits: BitReader, bytes: Uint32Array): Bzip2Block {
  const isRandomised = bits.read(1) === 1
  const origin = bits.read(24)
  // Only versions before 0.9.5 wrote such.
  if (isRandomised) throw damagedUpload('bzip2')
  const alphabet = readAlphabet(bits)
  const codes = readCodes(bits, alphabet.length + 2)
  const length = readBytes(new SymbolReader(bits, codes, alphabet.length + 2), alphabet, bytes)
  if (origin >= length) throw damagedUpload('bzip2')
  return { length, origin }
}

/** The bytes that occur, ascending. */
function readAlphabet(bits: BitReader): Uint8Array {
  const used: number[] = []
  const groups = bits.read(16)
  for (let group = 0; group < 16; group++) {
    if (((groups >> (15 - group)) & 1) === 0) continue
    const members = bits.read(16)
    for (let member = 0; member < 16; member++) {
      if (((members >> (15 - member)) & 1) === 1) used.push(group * 16 + member)
    }
  }
  if (used.length === 0) throw damagedUpload('bzip2')
  return Uint8Array.from(used)
}

interface Codes {
  readonly codes: readonly HuffmanCode[]
  /** Which of the codes each group of symbols is written in. */
  readonly selectors: Uint8Array
}

function readCodes(bits: BitReader, symbols: number): Codes {
  const count = bits.read(3)
  if (count < 2 || count > 6) throw damagedUpload('bzip2')
  const selectors = new Uint8Array(bits.read(15))
  const recent = Uint8Array.from({ length: count }, (_, index) => index)
  for (let i = 0; i < selectors.length; i++) {
    let position = 0
    while (bits.read(1) === 1) {
      if (++position === count) throw damagedUpload('bzip2')
    }
    selectors[i] = moveToFront(recent, position)
  }
  const codes = Array.from({ length: count }, () => readHuffmanCode(bits, symbols))
  return { codes, selectors }
}

class SymbolReader {
  readonly #bits: BitReader
  readonly #codes: readonly HuffmanCode[]
  readonly #selectors: Uint8Array
  /** The symbol after which nothing follows. */
  readonly end: number
  #code: HuffmanCode | undefined
  #group = 0
  #left = 0

  constructor(bits: BitReader, { codes, selectors }: Codes, symbols: number) {
    this.#bits = bits
    this.#codes = codes
    this.#selectors = selectors
    this.end = symbols - 1
  }

  next(): number {
    if (this.#left === 0) {
      this.#code = this.#codes[this.#selectors[this.#group++] ?? -1]
      this.#left = groupSize
    }
    if (this.#code === undefined) throw damagedUpload('bzip2')
    this.#left--
    return this.#code.readSymbol(this.#bits)
  }
}

/** Undoes run lengths and move-to-front. Gives the number of bytes. */
function readBytes(symbols: SymbolReader, alphabet: Uint8Array, bytes: Uint32Array): number {
  const recent = alphabet.slice()
  let length = 0
  let symbol = symbols.next()
  while (symbol !== symbols.end) {
    let run = 1
    if (symbol <= runB) {
      run = 0
      for (let weight = 1; symbol <= runB && run <= bytes.length; weight *= 2) {
        run += symbol === runA ? weight : 2 * weight
        symbol = symbols.next()
      }
    } else {
      moveToFront(recent, symbol - 1)
      symbol = symbols.next()
    }
    if (length + run > bytes.length) throw damagedUpload('bzip2')
    if (run === 1) bytes[length] = recent[0] as number
    else bytes.fill(recent[0] as number, length, length + run)
    length += run
  }
  return length
}

function moveToFront(items: Uint8Array, position: number): number {
  const item = items[position]
  if (item === undefined) throw damagedUpload('bzip2')
  // Mostly a few: `copyWithin` would take longer.
  for (let i = position; i > 0; i--) items[i] = items[i - 1] as number
  items[0] = item
  return item
}
