import { median } from './measure/median.ts'

/** What DESIGN calls a bar: a limit for the ratio of ours to the peer's, or for our own value where there is no peer. */
export type Bar = { readonly atMost: number } | { readonly atLeast: number }

/** One line of the table. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly ours: Samples
  readonly peer?: Samples & { readonly name: string }
  /** None where the figure is there for comparison. */
  readonly bar?: Bar
}

interface Samples {
  readonly samples: readonly number[]
}

/** What is held against the bar. */
export function score({ ours, peer }: Figure): number {
  const value = median(ours.samples)
  return peer === undefined ? value : value / median(peer.samples)
}

/** Whether the figure holds its bar, if it has one. */
export function holds(figure: Figure): boolean {
  const { bar } = figure
  const value = score(figure)
  if (bar === undefined) return true
  return 'atMost' in bar ? value <= bar.atMost : value >= bar.atLeast
}
