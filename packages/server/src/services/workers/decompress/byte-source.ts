import { truncatedUpload } from './refused.ts'

/** Bytes that come in blocks, taken as they are needed. */
export class ByteSource {
  readonly #blocks: Iterator<Uint8Array>
  readonly #compression: string
  #block: Uint8Array = new Uint8Array(0)
  #at = 0

  /** `compression` is for the error when there are too few. */
  constructor(blocks: Iterable<Uint8Array>, compression: string) {
    this.#blocks = blocks[Symbol.iterator]()
    this.#compression = compression
  }

  get isAtEnd(): boolean {
    while (this.#at === this.#block.length) {
      const { value, done } = this.#blocks.next()
      if (done === true) return true
      this.#block = value
      this.#at = 0
    }
    return false
  }

  byte(): number {
    if (this.#at === this.#block.length && this.isAtEnd) throw truncatedUpload(this.#compression)
    return this.#block[this.#at++] as number
  }

  /** A copy. */
  take(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let taken = 0; taken < length;) {
      if (this.isAtEnd) throw truncatedUpload(this.#compression)
      const piece = this.#block.subarray(this.#at, this.#at + length - taken)
      bytes.set(piece, taken)
      taken += piece.length
      this.#at += piece.length
    }
    return bytes
  }
}
