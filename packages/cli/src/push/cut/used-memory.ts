/** Bytes. */
const maxKept = 12 * 1024 ** 2

/**
 * Memory that is used again and again: a fresh half megabyte for each chunk costs the system as much time as finding out
 * where to cut it, and what waits to be collected adds up.
 */
export class UsedMemory {
  readonly #step: number
  readonly #free: ArrayBuffer[] = []

  /** Sizes of buffers are multiples of `step` bytes: few, so that one that is given back soon fits again. */
  constructor(step: number) {
    this.#step = step
  }

  allocate(size: number): Uint8Array {
    const capacity = Math.ceil(size / this.#step) * this.#step
    const fitting = this.#free.findLastIndex((buffer) => buffer.byteLength === capacity)
    const [buffer = new ArrayBuffer(capacity)] = fitting === -1 ? [] : this.#free.splice(fitting, 1)
    return new Uint8Array(buffer, 0, size)
  }

  /** What nobody looks at any more. Memory that is not from here may come too. */
  release(buffer: ArrayBufferLike): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength % this.#step > 0) return
    const kept = this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (kept + buffer.byteLength <= maxKept) this.#free.push(buffer)
  }
}
