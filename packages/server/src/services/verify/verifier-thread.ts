import { Worker } from 'node:worker_threads'

import { CacheError } from '../../cache-error.ts'
import type { CacheErrorCode } from '../../cache-error.ts'
import type { VerifiedNar, VerifyLimits } from './verify-nar.ts'

export interface VerifyTask {
  readonly path: string
  readonly limits: VerifyLimits
  /** One number in shared memory; not zero: stop. */
  readonly cancelled: Int32Array
}

export type VerifyAnswer =
  | { readonly outcome: 'verified'; readonly nar: VerifiedNar }
  | { readonly outcome: 'refused'; readonly code: CacheErrorCode; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string }

/** A verification needs little heap; one that asks for more must not take the process with it. */
const resourceLimits = { maxOldGenerationSizeMb: 256 }

/** A worker thread that verifies one file at a time. When it dies, `verify` rejects and `isAlive` turns false. */
export class VerifierThread {
  readonly #worker: Worker
  #answer: PromiseWithResolvers<VerifyAnswer> | undefined
  #isAlive = true

  constructor(entry: URL) {
    this.#worker = new Worker(entry, { resourceLimits })
    this.#worker.on('message', (answer: VerifyAnswer) => this.#answer?.resolve(answer))
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', (code) => this.#die(new Error(`A verifying thread ended with code ${code}.`)))
    this.#worker.unref()
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  async verify(path: string, limits: VerifyLimits, signal: AbortSignal): Promise<VerifiedNar> {
    signal.throwIfAborted()
    const cancelled = new Int32Array(new SharedArrayBuffer(4))
    const cancel = () => void Atomics.store(cancelled, 0, 1)
    signal.addEventListener('abort', cancel)
    this.#worker.ref()
    try {
      return resultOf(await this.#ask({ path, limits, cancelled }))
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      this.#worker.unref()
      signal.removeEventListener('abort', cancel)
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(task: VerifyTask): Promise<VerifyAnswer> {
    this.#answer = Promise.withResolvers()
    this.#worker.postMessage(task, [])
    return this.#answer.promise
  }

  #die(error: unknown): void {
    this.#isAlive = false
    this.#answer?.reject(error)
  }
}

function resultOf(answer: VerifyAnswer): VerifiedNar {
  if (answer.outcome === 'verified') return answer.nar
  if (answer.outcome === 'refused') throw new CacheError(answer.code, answer.message)
  throw new Error(`A NAR could not be verified: ${answer.message}`)
}
