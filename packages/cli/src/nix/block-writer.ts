/** Collects bytes into blocks of one size. Files are read straight into the room left, which saves a copy. */
export class BlockWriter {
  readonly #blockSize: number
  readonly #full: Uint8Array[] = []
  readonly #free: Uint8Array[] = []
  #taken: Uint8Array | undefined
  #block: Uint8Array | undefined
  #used = 0

  constructor(blockSize: number) {
    this.#blockSize = blockSize
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.room(bytes.length - at)
      room.set(bytes.subarray(at, at + room.length))
      this.advance(room.length)
      at += room.length
    }
  }

  /** Free room in the block at hand: at least one byte, at most `limit`. `advance` says how much of it was filled. */
  room(limit: number): Uint8Array {
    this.#block ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#blockSize)
    return this.#block.subarray(this.#used, this.#used + limit)
  }

  advance(count: number): void {
    this.#used += count
    if (this.#used === this.#blockSize) this.#full.push(this.#takeBlock())
  }

  /** The oldest block that is full. It is filled anew after the next call. */
  takeFull(): Uint8Array | undefined {
    if (this.#taken) this.#free.push(this.#taken)
    this.#taken = this.#full.shift()
    return this.#taken
  }

  /** What is left at the end: less than a block, or undefined for nothing. */
  takeRest(): Uint8Array | undefined {
    return this.#used === 0 ? undefined : this.#takeBlock()
  }

  #takeBlock(): Uint8Array {
    const bytes = this.#block?.subarray(0, this.#used) ?? new Uint8Array()
    this.#block = undefined
    this.#used = 0
    return bytes
  }
}
