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

  allocate(size: number): Uint8Array {
    const capacity = Math.ceil(size / step) * step
    const fitting = this.#free.findLastIndex((buffer) => buffer.byteLength === capacity)
    const [buffer = new ArrayBuffer(capacity)] = fitting === -1 ? [] : this.#free.splice(fitting, 1)
    return new Uint8Array(buffer, 0, size)
  }

  /** What nobody looks at any more. */
  release({ buffer }: Uint8Array): void {
    const kept = this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (buffer instanceof ArrayBuffer && kept + buffer.byteLength <= maxKept) this.#free.push(buffer)
  }
}
