import type { Figure } from './figure.ts'

/** What a row is told. */
export interface RowOptions {
  /** Less of everything: a first impression, not a figure to quote. */
  readonly quick: boolean
  /** How often each competitor is measured. */
  readonly rounds: number
}

/** Measures one thing and returns its lines of the table. */
export type Row = (options: RowOptions) => Promise<Figure[]>
