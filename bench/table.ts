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
  const { what, unit, ours, peer, bar } = figure
  const [sign, limit] = 'atMost' in bar ? ['≤', bar.atMost] : ['≥', bar.atLeast]
  return [
    what,
    `${round(median(ours.samples))} ${unit}`,
    peer === undefined ? '–' : `${round(median(peer.samples))} ${unit} (${peer.name})`,
    peer === undefined ? '–' : `${score(figure).toFixed(2)}×`,
    peer === undefined ? `${sign} ${limit} ${unit}` : `${sign} ${limit}×`,
    holds(figure) ? 'ok' : 'MISS',
  ]
}

/** Three figures that matter. */
function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
