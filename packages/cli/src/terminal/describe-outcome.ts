import type { PathOutcome } from '../push/path-outcome.ts'
import { pushStopped } from '../push/skip-path.ts'

/** What deserves a line of its own, beside the numbers at the end. */
export function describeOutcome(outcome: PathOutcome): string | undefined {
  const { storePath } = outcome.info
  if (outcome.status === 'failed') return `Failed to push ${storePath}: ${outcome.error.message}`
  // There may be thousands of these.
  if (outcome.status === 'skipped' && outcome.reason === pushStopped) return undefined
  if (outcome.status === 'skipped') return `Skipped ${storePath}: ${outcome.reason}`
  return undefined
}
