import type { Writable } from 'node:stream'

type Tell = (line: string) => void

/** Lines for the user in between. While something is drawn on the terminal they go through what draws it. */
export class Notices {
  readonly #write: Tell
  #tell: Tell

  constructor(output: Writable) {
    this.#write = (line) => void output.write(`${line}\n`)
    this.#tell = this.#write
  }

  tell(line: string): void {
    this.#tell(line)
  }

  /** Sends lines elsewhere until the function returned is called. */
  divert(tell: Tell): () => void {
    this.#tell = tell
    return () => {
      this.#tell = this.#write
    }
  }
}
