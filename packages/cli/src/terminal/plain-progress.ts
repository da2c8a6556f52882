import type { Writable } from 'node:stream'
import prettyBytes from 'pretty-bytes'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from '../push/path-outcome.ts'
import { describeOutcome } from './describe-outcome.ts'
import type { PushProgress } from './push-progress.ts'

/** A line for each path, for logs. */
export class PlainProgress implements PushProgress {
  readonly #output: Writable

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
    this.#output.write(`${line}\n`)
  }

  close(): void {}
}
