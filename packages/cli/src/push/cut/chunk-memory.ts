import { ByteQueue, type CutMemory } from '@cachix/protocol'

/** Sizes of buffers: few, so that one that is given back soon fits again. */
const step = 128 * 1024
/** Bytes. */
const maxKept = 12 * 1024 ** 2

/**
 * Memory for chunks that is used again and again: a fresh half megabyte for each costs the system as much time as finding
 * out where to cut it.
 */
export class ChunkMemory implements CutMemory {
  readonly queue = new ByteQueue()
  readonly #free: ArrayBuffer[] = []
  #kept = 0

  allocate(size: number): Uint8Array {
    const capacity = Math.ceil(size / step) * step
    const fitting = this.#free.findLastIndex((buffer) => buffer.byteLength === capacity)
    if (fitting === -1) return new Uint8Array(new ArrayBuffer(capacity), 0, size)
    const [buffer] = this.#free.splice(fitting, 1)
    this.#kept -= capacity
    return new Uint8Array(buffer ?? new ArrayBuffer(capacity), 0, size)
  }

  /** What nobody looks at any more. */
  release(chunk: Uint8Array): void {
    if (!(chunk.buffer instanceof ArrayBuffer) || this.#kept + chunk.buffer.byteLength > maxKept) return
    this.#free.push(chunk.buffer)
    this.#kept += chunk.buffer.byteLength
  }
}
