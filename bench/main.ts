import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { repository, runtime } from '../test/harness/runtime.ts'
import { type Figure, holds, score } from './figure.ts'
import type { Row } from './row.ts'
import { again } from './rows/again.ts'
import { cut } from './rows/cut.ts'
import { memory } from './rows/memory.ts'
import { narinfo } from './rows/narinfo.ts'
import { nars } from './rows/nars.ts'
import { push } from './rows/push.ts'
import { rebuild } from './rows/rebuild.ts'
import { rebuilt } from './rows/rebuilt.ts'
import { sizes } from './rows/sizes.ts'
import { tiny } from './rows/tiny.ts'
import { renderTable } from './table.ts'

const rows: Record<string, Row> = {
  narinfo,
  nars,
  push,
  tiny,
  again,
  memory,
  cut,
  sizes,
  rebuild,
  rebuilt,
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' } },
})
await bench(chosenRows(values.only), values.quick === true)

function chosenRows(only = Object.keys(rows).join(',')): [string, Row][] {
  return only.split(',').map((name) => {
    const row = rows[name]
    if (row === undefined)
      throw new Error(`There is no row '${name}': choose from ${Object.keys(rows).join(', ')}.`)
    return [name, row]
  })
}

async function bench(chosen: [string, Row][], quick: boolean): Promise<void> {
  const machine = { cores: cpus().length, model: cpus()[0]?.model, loadBefore: loadavg()[0] }
  console.log(
    `${machine.cores} × ${machine.model}, load ${machine.loadBefore?.toFixed(1)}, server and client on ${runtime}`,
  )
  const figures: Figure[] = []
  for (const [name, row] of chosen) {
    process.stderr.write(`bench: measuring ${name}\n`)
    figures.push(...(await row({ quick, rounds: quick ? 2 : 5 })))
  }
  console.log(`\n${renderTable(figures)}`)
  keep({ date: new Date().toISOString(), runtime, quick, machine, figures })
}

function keep({
  figures,
  ...run
}: {
  readonly figures: readonly Figure[]
  readonly [about: string]: unknown
}): void {
  mkdirSync(`${repository}/.dev/bench`, { recursive: true })
  const results = figures.map((figure) => ({ ...figure, score: score(figure), holds: holds(figure) }))
  writeFileSync(
    `${repository}/.dev/bench/results.json`,
    `${JSON.stringify({ ...run, figures: results }, undefined, 2)}\n`,
  )
}
