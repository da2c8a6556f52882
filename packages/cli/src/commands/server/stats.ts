import type { ServerOptions, StoreUsage } from '@cachix/server'
import prettyBytes from 'pretty-bytes'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

interface StatsOptions extends ServerOptions {
  readonly json?: boolean | undefined
}

/** `cachix server stats` */
export async function stats(terminal: Terminal, { json = false, ...where }: StatsOptions): Promise<void> {
  const usage = await withUpkeep(terminal, where, (upkeep) => upkeep.measure())
  terminal.stdout.write(json ? `${JSON.stringify(usage, undefined, 2)}\n` : describe(usage))
}

const heading = ['cache', 'paths', 'logical', 'compressed', 'stored', 'ratio']

function describe(usage: StoreUsage): string {
  const { caches, paths, logical, compressed, stored, dedupRatio } = usage
  const rows = [
    heading,
    ...caches.map((cache) => rowOf({ ...cache, stored: cache.held })),
    rowOf({ name: 'all', paths, logical, compressed, stored, dedupRatio }),
  ]
  const { packs, database } = usage
  return [
    ...align(rows),
    '',
    `Stored: ${packs.count} packs (${prettyBytes(packs.bytes)}) and the database (${prettyBytes(database)}).`,
    'What caches share is counted for each of them, and once for all.',
    ...(packs.unneeded > 0 ? [`Waiting to be collected: ${prettyBytes(packs.unneeded)}.`] : []),
    '',
  ].join('\n')
}

interface Row {
  readonly name: string
  readonly paths: number
  readonly logical: number
  readonly compressed: number
  readonly stored: number
  readonly dedupRatio: number | undefined
}

function rowOf({ name, paths, logical, compressed, stored, dedupRatio }: Row): string[] {
  const sizes = [logical, compressed, stored].map((bytes) => prettyBytes(bytes))
  return [name, String(paths), ...sizes, dedupRatio === undefined ? '–' : `${dedupRatio.toFixed(2)}×`]
}

/** Names to the left, numbers to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  '),
  )
}
