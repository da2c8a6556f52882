import type { PathInfo } from '../nix/store-reader.ts'

/** What became of a store path that the cache lacked. */
export type PathOutcome = PushedPath | SkippedPath | FailedPath

interface PushedPath {
  readonly status: 'pushed'
  readonly info: PathInfo
  /** Bytes sent, compressed. */
  readonly uploaded: number
}

interface SkippedPath {
  readonly status: 'skipped'
  readonly info: PathInfo
  /** The same words for every path skipped for the same kind of reason. */
  readonly reason: string
}

interface FailedPath {
  readonly status: 'failed'
  readonly info: PathInfo
  readonly error: Error
}
