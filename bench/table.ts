import { type Figure, holds, score } from './figure.ts'
import { median } from './measure/median.ts'

const heading = ['what', 'ours', 'peer', 'ratio', 'bar', '']

/** The figures as a table for people. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = [heading, ...figures.map((figure) => cells(figure))]
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function cells(figure: Figure): string[] {
  const { what, unit, ours, peer } = figure
  return [
    what,
    `${round(median(ours.samples))} ${unit}`,
    peer === undefined ? '–' : `${round(median(peer.samples))} ${unit} (${peer.name})`,
    peer === undefined ? '–' : ratio(score(figure)),
    ...verdict(figure),
  ]
}

function verdict(figure: Figure): [bar: string, holds: string] {
  const { bar, peer, unit } = figure
  if (bar === undefined) return ['–', '']
  const limit = 'atMost' in bar ? `≤ ${bar.atMost}` : `≥ ${bar.atLeast}`
  return [peer === undefined ? `${limit} ${unit}` : `${limit}×`, holds(figure) ? 'ok' : 'MISS']
}

/** Two decimals, more where that would be nothing. */
function ratio(value: number): string {
  return value < 0.1 ? `${value.toFixed(4)}×` : `${value.toFixed(2)}×`
}

/** Three figures that matter. */
function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
