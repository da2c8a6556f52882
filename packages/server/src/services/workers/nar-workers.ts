import type { JobLimits } from './job-context.ts'
import type { JobName, ResultOf, TaskOf } from './jobs.ts'
import { WorkerThread } from './worker-thread.ts'

/** Does what takes much computing off the event loop. */
export interface NarWorkers {
  /** Throws the `CacheError`s of the job, or the signal's reason. */
  run<Name extends JobName>(name: Name, task: TaskOf<Name>, signal: AbortSignal): Promise<ResultOf<Name>>
  /** The job will soon be wanted: where no thread has been started yet, one is, and loads what the job needs. */
  prepare(name: JobName): void
  close(): Promise<void>
}

export interface NarWorkersOptions {
  /** At most. One is started when there are none, or when a job has waited for as long as a start takes. */
  readonly threads: number
  readonly limits: JobLimits
  /** The module that the threads run. */
  readonly entry?: URL
}

const defaultEntry = new URL('./worker-entry.ts', import.meta.url)

/** A thread that crashes fails the one job it was at; another takes its place. */
export function createNarWorkers({ threads, limits, entry }: NarWorkersOptions): NarWorkers {
  return new WorkerPool(threads, limits, entry ?? defaultEntry)
}

/**
 * Milliseconds: a thread takes about as long to start and as much computing again until its code is compiled. What another
 * thread is done with by then is not done sooner by one more.
 */
const worthStart = 200

class WorkerPool implements NarWorkers {
  readonly #max: number
  readonly #limits: JobLimits
  readonly #entry: URL
  readonly #threads = new Set<WorkerThread>()
  readonly #idle: WorkerThread[] = []
  readonly #waiting: PromiseWithResolvers<WorkerThread>[] = []

  constructor(max: number, limits: JobLimits, entry: URL) {
    this.#max = max
    this.#limits = limits
    this.#entry = entry
  }

  async run<Name extends JobName>(
    name: Name,
    task: TaskOf<Name>,
    signal: AbortSignal,
  ): Promise<ResultOf<Name>> {
    const thread = await this.#take()
    try {
      return (await thread.run({ name, task, limits: this.#limits }, signal)) as ResultOf<Name>
    } finally {
      this.#giveBack(thread)
    }
  }

  prepare(name: JobName): void {
    if (this.#threads.size > 0) return
    const thread = this.#start()
    this.#idle.push(thread)
    thread.prepare(name)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  async #take(): Promise<WorkerThread> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle
      this.#threads.delete(idle)
    }
    if (this.#threads.size === 0) return this.#start()
    const turn = Promise.withResolvers<WorkerThread>()
    this.#waiting.push(turn)
    const timer = setTimeout(() => this.#startAnother(), worthStart)
    try {
      return await turn.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** For whoever has waited longest. */
  #startAnother(): void {
    if (this.#threads.size < this.#max) this.#waiting.shift()?.resolve(this.#start())
  }

  #start(): WorkerThread {
    const thread = new WorkerThread(this.#entry)
    this.#threads.add(thread)
    return thread
  }

  #giveBack(thread: WorkerThread): void {
    if (!thread.isAlive) this.#threads.delete(thread)
    const next = this.#waiting.shift()
    if (next !== undefined) next.resolve(thread.isAlive ? thread : this.#start())
    else if (thread.isAlive) this.#idle.push(thread)
  }
}
