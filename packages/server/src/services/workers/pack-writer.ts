import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'

import { explainFullDisk } from '../../storage/full-disk.ts'

export interface WrittenPack {
  readonly name: string
  readonly size: number
}

/** Writes frames one after another to a new file. */
export class PackWriter {
  readonly #file: number
  readonly #hash = createHash('sha256')
  #size = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  /** Gives the offset of the frame. Throws `disk-full`. */
  write(frame: Uint8Array): number {
    const offset = this.#size
    try {
      for (let written = 0; written < frame.length;) {
        written += writeSync(this.#file, frame, written)
      }
    } catch (error) {
      throw explainFullDisk(error)
    }
    this.#hash.update(frame)
    this.#size += frame.length
    return offset
  }

  end(): WrittenPack {
    return { name: this.#hash.digest('hex'), size: this.#size }
  }

  close(): void {
    closeSync(this.#file)
  }
}
