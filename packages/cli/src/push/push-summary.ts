import prettyBytes from 'pretty-bytes'
import type { PathOutcome } from './path-outcome.ts'

export interface PushResult {
  readonly outcomes: readonly PathOutcome[]
  /** How many paths the cache had already. */
  readonly present: number
  /** How many paths were left to each upstream, by its host. */
  readonly inUpstreams?: ReadonlyMap<string, number> | undefined
  /** Why things that were to be pushed are no valid store paths, one reason for each. */
  readonly rejected: readonly string[]
  /** How many paths failed before more than their names was known. Default: none. */
  readonly unknown?: number | undefined
}

/** The closing line: what became of everything. */
export function summarize(result: PushResult): string {
  const { outcomes, present, rejected, inUpstreams = new Map(), unknown = 0 } = result
  const pushed = outcomes.filter((each) => each.status === 'pushed')
  const failed = outcomes.filter((each) => each.status === 'failed')
  const skipped = outcomes.filter((each) => each.status === 'skipped').map(({ reason }) => reason)
  const bytes = pushed.reduce((sum, { uploaded }) => sum + uploaded, 0)
  return [
    `Pushed ${pushed.length} ${pushed.length === 1 ? 'path' : 'paths'} (${prettyBytes(bytes)} uploaded)`,
    `${present} already there`,
    ...describeUpstreams(inUpstreams),
    `${skipped.length + rejected.length} skipped${reasonsOf([...rejected, ...skipped])}`,
    `${failed.length + unknown} failed`,
  ].join(', ')
}

/** A phrase for each upstream. */
export function describeUpstreams(inUpstreams: ReadonlyMap<string, number>): string[] {
  return Array.from(inUpstreams, ([host, paths]) => `${paths} already in upstream ${host}`)
}

/** Whether every valid path is in the cache now. */
export function isComplete({ outcomes, unknown = 0 }: PushResult): boolean {
  return unknown === 0 && outcomes.every(({ status }) => status === 'pushed')
}

function reasonsOf(reasons: readonly string[]): string {
  const counts = Map.groupBy(reasons, (reason) => reason)
  if (counts.size === 0) return ''
  const texts = Array.from(counts, ([reason, { length }]) =>
    counts.size === 1 ? reason : `${length} ${reason}`,
  )
  return ` (${texts.join('; ')})`
}
