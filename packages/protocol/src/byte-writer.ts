/** Collects bytes. Numbers are LEB128 in its shortest form: seven bits a byte, the lowest first. */
export class ByteWriter {
  #buffer = new Uint8Array(64)
  #length = 0

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80)
    this.#byte(rest)
  }

  bytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** All of them, as the caller's own. */
  end(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }

  #byte(byte: number): void {
    this.#makeRoom(1)
    this.#buffer[this.#length++] = byte
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#buffer.length) return
    const larger = new Uint8Array(2 * (this.#length + count))
    larger.set(this.#buffer)
    this.#buffer = larger
  }
}
