import type { Bar, Figure } from '../figure.ts'
import { type FetchPlan, fetchAll, writeFetchPlan } from '../load/fetch-all.ts'
import { interleave } from '../measure/interleave.ts'
import { cpuSeconds } from '../measure/process-tree.ts'
import { CachixServer } from '../servers/cachix-server.ts'
import type { ServedClosure } from '../servers/served-closure.ts'

interface NarPassComparison {
  /** What the NARs are. */
  readonly what: string
  /** For the time; processor time has the same in every comparison. */
  readonly bar: Bar
  readonly rounds: number
  /** How often the NARs are fetched for one sample: less than a tenth of a second is too short for the clocks. */
  readonly passes: number
}

/** Fetches all NARs from our server and from nginx: the time, with one connection and with 16, and the processor time. */
export async function compareNarPass(
  served: ServedClosure,
  { what, bar, rounds, passes }: NarPassComparison,
): Promise<Figure[]> {
  const ours = new NarServer('ours', served, passes)
  const nginx = new NarServer('nginx', served, passes)
  const times: Figure[] = []
  for (const connections of [1, 16]) {
    await ours.fetch(connections)
    await nginx.fetch(connections)
    const samples = await interleave(rounds, {
      ours: () => ours.measuredFetch(connections),
      nginx: () => nginx.measuredFetch(connections),
    })
    times.push({
      what: `${what}, one pass, ${connections} at a time`,
      unit: 's',
      ours: { samples: samples.ours },
      peer: { name: 'nginx', samples: samples.nginx },
      bar,
    })
  }
  return [...times, processorTime(what, ours, nginx)]
}

/**
 * The same for a first pass: for each sample our server starts anew, with packs that the kernel may still have in memory,
 * but nothing put together; what it knew of packs outlives its restarts. It is not running any more when this ends.
 */
export async function compareFirstPass(
  served: ServedClosure,
  { what, bar, rounds }: Omit<NarPassComparison, 'passes'>,
): Promise<Figure[]> {
  await served.ours[Symbol.asyncDispose]()
  const nginx = new NarServer('nginx', served, 1)
  const times: Figure[] = []
  for (const connections of [1, 16]) {
    const samples = await interleave(rounds, {
      async ours() {
        await using ours = await CachixServer.start(served.directory)
        return await new NarServer('ours', { ...served, ours }, 1).fetch(connections)
      },
      nginx: () => nginx.fetch(connections),
    })
    times.push({
      what: `${what}, first pass, ${connections} at a time`,
      unit: 's',
      ours: { samples: samples.ours },
      peer: { name: 'nginx', samples: samples.nginx },
      bar,
    })
  }
  return times
}

function processorTime(what: string, ours: NarServer, nginx: NarServer): Figure {
  return {
    what: `${what}, processor time per GB`,
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
  readonly #passes: number
  readonly #plan: FetchPlan

  constructor(name: 'ours' | 'nginx', served: ServedClosure, passes: number) {
    const server = served[name]
    const urls = Array.from({ length: passes }, () => served.nars.map((path) => server.url + path))
    this.#pid = server.pid
    this.#passes = passes
    this.#plan = writeFetchPlan(`${served.directory}/${name}.curl`, urls.flat(), passes * served.narBytes)
  }

  /** Seconds per pass. */
  async fetch(connections: number): Promise<number> {
    return (await fetchAll(this.#plan, connections)) / this.#passes
  }

  async measuredFetch(connections: number): Promise<number> {
    const before = cpuSeconds(this.#pid)
    const seconds = await this.fetch(connections)
    this.cpuPerGigabyte.push((cpuSeconds(this.#pid) - before) / (this.#plan.size / 1e9))
    return seconds
  }
}
