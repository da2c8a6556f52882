/** Bytes appended at one end and taken at the other; keeps one buffer of at most twice what was ever in it at once. */
export class ByteQueue {
  #buffer = new Uint8Array(0)
  #start = 0
  #end = 0

  /** What is in the queue, valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end)
  }

  append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** The first `count` bytes, as the caller's own, in `target`, which has room for just as many. */
  take(count: number, target: Uint8Array = new Uint8Array(count)): Uint8Array {
    target.set(this.#buffer.subarray(this.#start, this.#start + count))
    this.#start += count
    return target
  }

  clear(): void {
    this.#start = this.#end
  }

  #makeRoom(count: number): void {
    const kept = this.bytes
    const needed = kept.length + count
    const target = needed > this.#buffer.length ? new Uint8Array(needed + kept.length) : this.#buffer
    target.set(kept)
    this.#buffer = target
    this.#start = 0
    this.#end = kept.length
  }
}
