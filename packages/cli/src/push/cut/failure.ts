import { NarDumpError } from '../../nix/nar-dump-error.ts'
import { DamagedPathError } from '../check-nar.ts'
import type { Failure } from './messages.ts'

/** A failure in a thread, as a message that the main thread can be sent. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof DamagedPathError) return { kind: 'damaged', difference: error.difference }
  if (error instanceof NarDumpError) return { kind: 'dump', reason: error.reason, message: error.message }
  return { kind: 'other', message: error instanceof Error ? error.message : String(error) }
}

/** The error that was described. */
export function restoreFailure(failure: Failure, storePath: string): Error {
  if (failure.kind === 'damaged') return new DamagedPathError(storePath, failure.difference)
  if (failure.kind === 'dump') return new NarDumpError(failure.reason, failure.message)
  return new Error(failure.message)
}
