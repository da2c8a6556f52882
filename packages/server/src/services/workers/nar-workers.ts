import type { JobLimits } from './job-context.ts'
import type { JobName, ResultOf, TaskOf } from './jobs.ts'
import { WorkerThread } from './worker-thread.ts'

/** Does what takes much computing off the event loop. */
export interface NarWorkers {
  /** Throws the `CacheError`s of the job, or the signal's reason. */
  run<Name extends JobName>(name: Name, task: TaskOf<Name>, signal: AbortSignal): Promise<ResultOf<Name>>
  close(): Promise<void>
}

export interface NarWorkersOptions {
  /** At most; they are started when needed. What does not find one free waits. */
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

class WorkerPool implements NarWorkers {
  readonly #limits: JobLimits
  readonly #entry: URL
  readonly #threads = new Set<WorkerThread>()
  /** Threads with nothing to do; undefined where one could be started. */
  readonly #free: (WorkerThread | undefined)[]
  readonly #waiting: PromiseWithResolvers<WorkerThread | undefined>[] = []

  constructor(threads: number, limits: JobLimits, entry: URL) {
    this.#limits = limits
    this.#entry = entry
    this.#free = Array.from({ length: threads }, () => undefined)
  }

  async run<Name extends JobName>(
    name: Name,
    task: TaskOf<Name>,
    signal: AbortSignal,
  ): Promise<ResultOf<Name>> {
    const free = await this.#take()
    const thread = free?.isAlive ? free : this.#start()
    try {
      return (await thread.run({ name, task, limits: this.#limits }, signal)) as ResultOf<Name>
    } finally {
      this.#giveBack(thread)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  /** Idle threads before new ones. */
  async #take(): Promise<WorkerThread | undefined> {
    if (this.#free.length > 0) return this.#free.pop()
    const turn = Promise.withResolvers<WorkerThread | undefined>()
    this.#waiting.push(turn)
    return turn.promise
  }

  #start(): WorkerThread {
    const thread = new WorkerThread(this.#entry)
    this.#threads.add(thread)
    return thread
  }

  #giveBack(thread: WorkerThread): void {
    const free = thread.isAlive ? thread : undefined
    if (free === undefined) this.#threads.delete(thread)
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(free)
    else next.resolve(free)
  }
}
