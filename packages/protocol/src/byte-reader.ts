import type { FormatError } from './format-error.ts'

/** Reads what `ByteWriter` wrote. Throws what `invalid` makes of a reason when the bytes are others. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #invalid: (reason: string) => FormatError
  #at = 0

  constructor(bytes: Uint8Array, invalid: (reason: string) => FormatError) {
    this.#bytes = bytes
    this.#invalid = invalid
  }

  number(): number {
    let value = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.#byte()
      value += (byte & 0x7f) * unit
      if (value > Number.MAX_SAFE_INTEGER) throw this.#invalid('it has a number that is too large')
      if (byte >= 0x80) continue
      if (byte === 0 && unit > 1) throw this.#invalid('it has a number of more bytes than that needs')
      return value
    }
  }

  /** How many of something follow that takes at least `size` bytes each. */
  count(size: number): number {
    const count = this.number()
    if (count * size > this.#bytes.length - this.#at) throw this.#cutShort()
    return count
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at, this.#at + count)
    if (bytes.length !== count) throw this.#cutShort()
    this.#at += count
    return bytes
  }

  /** A view of what is left. */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Throws unless everything has been read. */
  end(): void {
    if (!this.isAtEnd) throw this.#invalid('it goes on after its end')
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw this.#cutShort()
    return byte
  }

  #cutShort(): FormatError {
    return this.#invalid('it is cut short')
  }
}
