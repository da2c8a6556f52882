import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from '../push/path-outcome.ts'

/** Shows how a push gets on. */
export interface PushProgress {
  /** What is going to be pushed. */
  begin(infos: readonly PathInfo[]): void
  /** The path is being read. */
  start(info: PathInfo): void
  /** The service has so many more bytes of its NAR. */
  advance(info: PathInfo, bytes: number): void
  finish(outcome: PathOutcome): void
  /** A line that stays. */
  note(line: string): void
  close(): void
}
