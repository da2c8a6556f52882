import type { BitReader } from './bit-reader.ts'
import { damagedUpload } from './refused.ts'

const maxLength = 20

/** Words of up to so many bits are found in a table, all others bit by bit. */
const tableBits = 10

/** A canonical Huffman code: shorter words before longer ones, of one length in the order of their symbols. */
export class HuffmanCode {
  /** By length: the last word of it, and what to subtract from a word for the place of its symbol. */
  readonly #last = new Int32Array(maxLength + 1).fill(-1)
  readonly #base = new Int32Array(maxLength + 1)
  readonly #symbols: Uint16Array
  /** By the next bits: the symbol they begin with and, in the lowest 5 bits, its length; 0 if it is longer. */
  readonly #table = new Uint16Array(1 << tableBits)

  /** `lengths` of the words, by symbol, each from 1 to 20. */
  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length)
    let word = 0
    let place = 0
    for (let length = 1; length <= maxLength; length++) {
      this.#base[length] = word - place
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue
        this.#symbols[place++] = symbol
        this.#tabulate(word++, length, symbol)
      }
      this.#last[length] = word - 1
      word *= 2
    }
  }

  /** At least 20 more bits must be there, of whatever. */
  readSymbol(bits: BitReader): number {
    const entry = this.#table[bits.peek(tableBits)] as number
    if (entry === 0) return this.#readLong(bits)
    bits.skip(entry & 31)
    return entry >> 5
  }

  #tabulate(word: number, length: number, symbol: number): void {
    if (length > tableBits) return
    const free = tableBits - length
    this.#table.fill((symbol << 5) | length, word << free, (word + 1) << free)
  }

  #readLong(bits: BitReader): number {
    const next = bits.peek(maxLength)
    for (let length = tableBits + 1; length <= maxLength; length++) {
      const word = next >> (maxLength - length)
      if (word > (this.#last[length] as number)) continue
      bits.skip(length)
      return this.#symbols[word - (this.#base[length] as number)] ?? refuse()
    }
    return refuse()
  }
}

function refuse(): never {
  throw damagedUpload('bzip2')
}

/** As bzip2 writes it: the first length, and for each symbol how its own differs from the one before. */
export function readHuffmanCode(bits: BitReader, symbols: number): HuffmanCode {
  const lengths = new Uint8Array(symbols)
  let length = bits.read(5)
  for (let symbol = 0; symbol < symbols; symbol++) {
    while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1
    if (length < 1 || length > maxLength) throw damagedUpload('bzip2')
    lengths[symbol] = length
  }
  return new HuffmanCode(lengths)
}
