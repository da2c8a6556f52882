import { closeSync, openSync, writeSync } from 'node:fs'

import { explainFullDisk } from '../../storage/full-disk.ts'
import { PackDigest } from './pack-digest.ts'
import type { WrittenPack } from './pack-digest.ts'

/** Writes frames one after another to a new file. */
export class PackWriter {
  readonly #file: number
  readonly #digest = new PackDigest()

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  /** Gives the offset of the frame. Throws `disk-full`. */
  write(frame: Uint8Array): number {
    try {
      for (let written = 0; written < frame.length;) {
        written += writeSync(this.#file, frame, written)
      }
    } catch (error) {
      throw explainFullDisk(error)
    }
    return this.#digest.write(frame)
  }

  end(): WrittenPack {
    return this.#digest.end()
  }

  close(): void {
    closeSync(this.#file)
  }
}
