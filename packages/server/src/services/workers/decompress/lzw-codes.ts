import type { ByteSource } from './byte-source.ts'

/** Codes of a number of bits each, from the least significant bit on. `compress` writes them by the eight. */
export class LzwCodes {
  readonly #source: ByteSource
  #bits = 0
  #count = 0
  #taken = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** Undefined where fewer bits are left: the file ends there, nothing else says so. */
  next(width: number): number | undefined {
    while (this.#count < width) {
      if (this.#source.isAtEnd) return undefined
      this.#bits |= this.#source.byte() << this.#count
      this.#count += 8
    }
    const code = this.#bits & ((1 << width) - 1)
    this.#bits >>>= width
    this.#count -= width
    this.#taken++
    return code
  }

  /** Passes over what is left of eight codes: after them the width changes. */
  finishEight(width: number): void {
    while (this.#taken % 8 !== 0 && this.next(width) !== undefined);
    this.#taken = 0
  }
}
