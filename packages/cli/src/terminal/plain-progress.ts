import type { Writable } from 'node:stream'
import prettyBytes from 'pretty-bytes'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from '../push/path-outcome.ts'
import { describeOutcome } from './describe-outcome.ts'
import type { PushProgress } from './push-progress.ts'

/** A line for each path, for logs. Those of one turn of the event loop are written at once. */
export class PlainProgress implements PushProgress {
  readonly #output: Writable
  readonly #lines: string[] = []

  constructor(output: Writable) {
    this.#output = output
  }

  begin(): void {}

  start({ storePath, narSize }: PathInfo): void {
    this.note(`Pushing ${storePath} (${prettyBytes(narSize)})`)
  }

  advance(): void {}

  finish(outcome: PathOutcome): void {
    const line = describeOutcome(outcome)
    if (line !== undefined) this.note(line)
  }

  note(line: string): void {
    if (this.#lines.push(`${line}\n`) === 1) setImmediate(() => this.#flush())
  }

  close(): void {
    this.#flush()
  }

  #flush(): void {
    const lines = this.#lines.splice(0)
    if (lines.length > 0) this.#output.write(lines.join(''))
  }
}
