// A text that is used many times is written as a number: 0 for the first text, 1 for the second. Where a number is used
// for the first time, which is when it is the number of texts there have been, the text's bytes follow it.

import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { FormatError } from './format-error.ts'

export class TermWriter {
  readonly #writer: ByteWriter
  readonly #encode: (term: string) => Uint8Array
  readonly #numbers = new Map<string, number>()

  constructor(writer: ByteWriter, encode: (term: string) => Uint8Array) {
    this.#writer = writer
    this.#encode = encode
  }

  write(term: string): void {
    const known = this.#numbers.get(term)
    this.#writer.number(known ?? this.#numbers.size)
    if (known !== undefined) return
    this.#numbers.set(term, this.#numbers.size)
    this.#writer.bytes(this.#encode(term))
  }
}

export class TermReader {
  readonly #reader: ByteReader
  readonly #decode: (reader: ByteReader) => string
  readonly #invalid: (reason: string) => FormatError
  readonly #terms: string[] = []
  readonly #known = new Set<string>()

  constructor(
    reader: ByteReader,
    decode: (reader: ByteReader) => string,
    invalid: (reason: string) => FormatError,
  ) {
    this.#reader = reader
    this.#decode = decode
    this.#invalid = invalid
  }

  read(): string {
    const number = this.#reader.number()
    if (number > this.#terms.length) throw this.#invalid('it uses a name before its turn')
    return this.#terms[number] ?? this.#readNew()
  }

  #readNew(): string {
    const term = this.#decode(this.#reader)
    if (this.#known.has(term)) throw this.#invalid('it spells a name out twice')
    this.#terms.push(term)
    this.#known.add(term)
    return term
  }
}
