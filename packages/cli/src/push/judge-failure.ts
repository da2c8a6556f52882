import { NarDumpError } from '../nix/nar-dump-error.ts'
import type { PathInfo } from '../nix/store-reader.ts'
import { DamagedPathError } from './check-nar.ts'
import type { NarSource } from './nar-source.ts'
import type { PathOutcome } from './path-outcome.ts'
import { RefusedPathError } from './refused-path-error.ts'
import { pushStopped, SkipPath } from './skip-path.ts'

interface JudgeDeps {
  readonly source: NarSource
  /** The push was stopped before this happened, so it happened because of that. */
  readonly isStopped: boolean
}

/** Tells paths that could not be pushed for a reason of their own from those whose push went wrong. Never throws. */
export async function judgeFailure(deps: JudgeDeps, info: PathInfo, failure: unknown): Promise<PathOutcome> {
  const cause = await causeOf(deps.source, info, failure)
  const reason = await reasonToSkip(deps, info, cause)
  if (reason !== undefined) return { status: 'skipped', info, reason }
  return { status: 'failed', info, error: cause instanceof Error ? cause : new Error(String(cause)) }
}

/** A NAR that the service found to have another hash was damaged before it left, or is its fault. */
async function causeOf(source: NarSource, info: PathInfo, failure: unknown): Promise<unknown> {
  if (!(failure instanceof RefusedPathError) || failure.reason !== 'hash-mismatch') return failure
  try {
    await source.verify?.(info)
    return failure
  } catch (damage) {
    return damage
  }
}

async function reasonToSkip(
  { source, isStopped }: JudgeDeps,
  { storePath }: PathInfo,
  failure: unknown,
): Promise<string | undefined> {
  if (failure instanceof SkipPath) return failure.message
  const isUnreadable = failure instanceof NarDumpError || failure instanceof DamagedPathError
  if (isUnreadable && (await isGone(source, storePath))) return 'garbage-collected while pushing'
  if (failure instanceof NarDumpError && failure.reason === 'changed') return 'changed while pushing'
  return isStopped ? pushStopped : undefined
}

/** When the source cannot say, the failure at hand is the better explanation. */
async function isGone(source: NarSource, storePath: string): Promise<boolean> {
  try {
    return await source.isGone(storePath)
  } catch {
    return false
  }
}
