import { closeSync, openSync, readSync } from 'node:fs'

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
  view(frame: FrameInFile): Uint8Array {
    if (this.#buffer.length < frame.length) this.#buffer = new Uint8Array(frame.length)
    return this.#readInto(this.#buffer, frame)
  }

  close(): void {
    if (this.#path !== undefined) closeSync(this.#file)
    this.#path = undefined
  }

  #readInto(bytes: Uint8Array, { path, offset, length }: FrameInFile): Uint8Array {
    if (path !== this.#path) this.#open(path)
    let read = 0
    for (let more = -1; more !== 0 && read < length; read += more) {
      more = readSync(this.#file, bytes, read, length - read, offset + read)
    }
    return bytes.subarray(0, read)
  }

  #open(path: string): void {
    this.close()
    this.#file = openSync(path, 'r')
    this.#path = path
  }
}
