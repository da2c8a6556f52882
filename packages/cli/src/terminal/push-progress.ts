import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from '../push/path-outcome.ts'

/** Shows how a push gets on. */
export interface PushProgress {
  /** What is going to be pushed. */
  begin(infos: readonly PathInfo[]): void
  /** The path is being read; from its beginning again when it was before. */
  start(info: PathInfo): void
  /** So many more bytes of its NAR were read. */
  advance(info: PathInfo, bytes: number): void
  finish(outcome: PathOutcome): void
  /** A line that stays. */
  note(line: string): void
  close(): void
}
