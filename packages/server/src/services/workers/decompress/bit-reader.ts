import type { ByteSource } from './byte-source.ts'

/** Bits from the most significant one on. */
export class BitReader {
  readonly #source: ByteSource
  #bits = 0
  #count = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** `count` is at most 24. Takes no byte before a bit of it is needed. */
  read(count: number): number {
    const bits = this.peek(count)
    this.#count -= count
    return bits
  }

  /** The same without going on; there must be so many. */
  peek(count: number): number {
    while (this.#count < count) {
      this.#bits = (this.#bits << 8) | this.#source.byte()
      this.#count += 8
    }
    return (this.#bits >>> (this.#count - count)) & ((1 << count) - 1)
  }

  /** Of what was seen by `peek`. */
  skip(count: number): void {
    this.#count -= count
  }
}
