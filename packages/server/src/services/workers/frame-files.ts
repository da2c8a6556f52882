import { closeSync, openSync } from 'node:fs'

import { readAt } from '../../storage/read-at.ts'

/** Bytes of a file that are one frame. */
export interface FrameInFile {
  readonly path: string
  readonly offset: number
  readonly length: number
}

/** Reads frames from files, of which the last one stays open. */
export class FrameFiles {
  #path: string | undefined
  #file = -1
  #buffer = new Uint8Array(0)

  /** Valid until the next, and shorter than it should be where the file ends too early. */
  view({ path, offset, length }: FrameInFile): Uint8Array {
    if (path !== this.#path) this.#open(path)
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length)
    return readAt(this.#file, this.#buffer.subarray(0, length), offset)
  }

  close(): void {
    if (this.#path !== undefined) closeSync(this.#file)
    this.#path = undefined
  }

  #open(path: string): void {
    this.close()
    this.#file = openSync(path, 'r')
    this.#path = path
  }
}
