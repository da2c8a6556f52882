import type { Figure } from '../figure.ts'
import { type FetchPlan, fetchAll, writeFetchPlan } from '../load/fetch-all.ts'
import { interleave } from '../measure/interleave.ts'
import { cpuSeconds } from '../measure/process-tree.ts'
import type { RowOptions } from '../row.ts'
import { type ServedClosure, serveClosure } from '../servers/served-closure.ts'

// One pass takes a tenth of a second: too short for the clock of processor time.
const passes = 5

/** One pass over all NARs of the closure, and the processor time that serving them takes, against nginx. */
export async function nars({ rounds }: RowOptions): Promise<Figure[]> {
  await using served = await serveClosure()
  const ours = new NarServer('ours', served)
  const nginx = new NarServer('nginx', served)
  const times: Figure[] = []
  for (const connections of [1, 16]) {
    await ours.fetch(connections)
    await nginx.fetch(connections)
    const samples = await interleave(rounds, {
      ours: () => ours.measuredFetch(connections),
      nginx: () => nginx.measuredFetch(connections),
    })
    times.push({
      what: `NARs of a closure, one pass, ${connections} at a time`,
      unit: 's',
      ours: { samples: samples.ours },
      peer: { name: 'nginx', samples: samples.nginx },
      bar: { atMost: 1.25 },
    })
  }
  return [...times, processorTime(ours, nginx)]
}

function processorTime(ours: NarServer, nginx: NarServer): Figure {
  return {
    what: 'processor time per GB of NARs',
    unit: 's',
    ours: { samples: ours.cpuPerGigabyte },
    peer: { name: 'nginx', samples: nginx.cpuPerGigabyte },
    bar: { atMost: 2 },
  }
}

/** One of the servers that have the NARs, and what it cost to fetch them. */
class NarServer {
  readonly cpuPerGigabyte: number[] = []
  readonly #pid: number
  readonly #plan: FetchPlan

  constructor(name: 'ours' | 'nginx', served: ServedClosure) {
    const server = served[name]
    const urls = Array.from({ length: passes }, () => served.nars.map((path) => server.url + path))
    this.#pid = server.pid
    this.#plan = writeFetchPlan(`${served.directory}/${name}.curl`, urls.flat(), passes * served.narBytes)
  }

  /** Seconds per pass. */
  async fetch(connections: number): Promise<number> {
    return (await fetchAll(this.#plan, connections)) / passes
  }

  async measuredFetch(connections: number): Promise<number> {
    const before = cpuSeconds(this.#pid)
    const seconds = await this.fetch(connections)
    this.cpuPerGigabyte.push((cpuSeconds(this.#pid) - before) / (this.#plan.size / 1e9))
    return seconds
  }
}
