import { Worker } from 'node:worker_threads'

import { CacheError } from '../../cache-error.ts'
import type { CacheErrorCode } from '../../cache-error.ts'
import type { JobLimits } from './job-context.ts'
import type { JobName } from './jobs.ts'

export interface Job {
  readonly name: JobName
  readonly task: unknown
  readonly limits: JobLimits
}

export interface JobOrder extends Job {
  /** One number in shared memory; not zero: stop. */
  readonly cancelled: Int32Array
}

/** No answer is given. */
export interface PrepareOrder {
  readonly prepare: JobName
}

export type JobAnswer =
  | { readonly outcome: 'done'; readonly result: unknown }
  | { readonly outcome: 'refused'; readonly code: CacheErrorCode; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string }

/** Jobs need little heap; one that asks for more must not take the process with it. */
const resourceLimits = { maxOldGenerationSizeMb: 256 }

/** A worker thread that does one job at a time. When it dies, `run` rejects and `isAlive` turns false. */
export class WorkerThread {
  readonly #worker: Worker
  #answer: PromiseWithResolvers<JobAnswer> | undefined
  #isAlive = true

  constructor(entry: URL) {
    this.#worker = new Worker(entry, { resourceLimits })
    this.#worker.on('message', (answer: JobAnswer) => this.#answer?.resolve(answer))
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', (code) => this.#die(new Error(`A worker thread ended with code ${code}.`)))
    this.#worker.unref()
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  async run(job: Job, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    const cancelled = new Int32Array(new SharedArrayBuffer(4))
    const cancel = () => void Atomics.store(cancelled, 0, 1)
    signal.addEventListener('abort', cancel)
    this.#worker.ref()
    try {
      return resultOf(await this.#ask({ ...job, cancelled }), job.name)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      this.#worker.unref()
      signal.removeEventListener('abort', cancel)
    }
  }

  /** Loads what a job of this name needs. */
  prepare(name: JobName): void {
    this.#worker.postMessage({ prepare: name } satisfies PrepareOrder, [])
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(order: JobOrder): Promise<JobAnswer> {
    this.#answer = Promise.withResolvers()
    this.#worker.postMessage(order, [])
    return this.#answer.promise
  }

  #die(error: unknown): void {
    this.#isAlive = false
    this.#answer?.reject(error)
  }
}

function resultOf(answer: JobAnswer, name: JobName): unknown {
  if (answer.outcome === 'done') return answer.result
  if (answer.outcome === 'refused') throw new CacheError(answer.code, answer.message)
  throw new Error(`A worker thread failed at ${name}: ${answer.message}`)
}
