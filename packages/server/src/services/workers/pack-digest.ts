import { createHash } from 'node:crypto'

export interface WrittenPack {
  readonly name: string
  readonly size: number
}

/** Names the pack that frames make one after another, and says where each is in it. */
export class PackDigest {
  readonly #hash = createHash('sha256')
  #size = 0

  /** Gives the offset of the frame. */
  write(frame: Uint8Array): number {
    const offset = this.#size
    this.#hash.update(frame)
    this.#size += frame.length
    return offset
  }

  end(): WrittenPack {
    return { name: this.#hash.digest('hex'), size: this.#size }
  }

  /** There is nothing to close: it stands in for a `PackWriter` where the pack is written already. */
  close(): void {}
}
