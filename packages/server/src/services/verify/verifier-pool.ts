import type { VerifiedNar, VerifyLimits } from './verify-nar.ts'
import { VerifierThread } from './verifier-thread.ts'

/** Checks spooled files off the event loop. */
export interface NarVerifier {
  /**
   * Reads the file `path`, concatenated zstd frames of one NAR, and tells what is in it. Throws `unsupported`,
   * `truncated`, `invalid-nar` and `too-large`, or the signal's reason.
   */
  verify(path: string, signal: AbortSignal): Promise<VerifiedNar>
  close(): Promise<void>
}

export interface VerifierPoolOptions {
  /** At most; they are started when needed. What does not find one free waits. */
  readonly threads: number
  readonly limits: VerifyLimits
  /** The module that the threads run. */
  readonly entry?: URL
}

const defaultEntry = new URL('./verify-worker.ts', import.meta.url)

/** A thread that crashes fails the one file it was at; another takes its place. */
export function createVerifierPool({ threads, limits, entry }: VerifierPoolOptions): NarVerifier {
  return new VerifierPool(threads, limits, entry ?? defaultEntry)
}

class VerifierPool implements NarVerifier {
  readonly #limits: VerifyLimits
  readonly #entry: URL
  readonly #threads = new Set<VerifierThread>()
  /** Threads with nothing to do; undefined where one could be started. */
  readonly #free: (VerifierThread | undefined)[]
  readonly #waiting: PromiseWithResolvers<VerifierThread | undefined>[] = []

  constructor(threads: number, limits: VerifyLimits, entry: URL) {
    this.#limits = limits
    this.#entry = entry
    this.#free = Array.from({ length: threads }, () => undefined)
  }

  async verify(path: string, signal: AbortSignal): Promise<VerifiedNar> {
    const free = await this.#take()
    const thread = free?.isAlive ? free : this.#start()
    try {
      return await thread.verify(path, this.#limits, signal)
    } finally {
      this.#giveBack(thread)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  /** Idle threads before new ones. */
  async #take(): Promise<VerifierThread | undefined> {
    if (this.#free.length > 0) return this.#free.pop()
    const turn = Promise.withResolvers<VerifierThread | undefined>()
    this.#waiting.push(turn)
    return turn.promise
  }

  #start(): VerifierThread {
    const thread = new VerifierThread(this.#entry)
    this.#threads.add(thread)
    return thread
  }

  #giveBack(thread: VerifierThread): void {
    const free = thread.isAlive ? thread : undefined
    if (free === undefined) this.#threads.delete(thread)
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(free)
    else next.resolve(free)
  }
}
