import type { PathInfo } from '../../nix/store-reader.ts'
import { CuttingThread } from './cutting-thread.ts'
import type { OfferedChunk } from './offered-chunk.ts'

/** Cuts as many paths of the local Nix store at the same time as there are threads; who finds none free waits. */
export class CuttingThreads implements AsyncDisposable {
  readonly #threads = new Set<CuttingThread>()
  /** Undefined where one may be started. */
  readonly #free: (CuttingThread | undefined)[]
  readonly #waiting: PromiseWithResolvers<CuttingThread | undefined>[] = []

  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => undefined)
  }

  async *cut(info: PathInfo): AsyncGenerator<OfferedChunk, void> {
    const free = await this.#take()
    const thread = free?.isAlive === true ? free : this.#start()
    try {
      yield* thread.cut(info)
    } finally {
      this.#giveBack(thread)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  async #take(): Promise<CuttingThread | undefined> {
    if (this.#free.length > 0) return this.#free.pop()
    const turn = Promise.withResolvers<CuttingThread | undefined>()
    this.#waiting.push(turn)
    return await turn.promise
  }

  #start(): CuttingThread {
    const thread = new CuttingThread()
    this.#threads.add(thread)
    return thread
  }

  #giveBack(thread: CuttingThread): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(thread)
    else next.resolve(thread)
  }
}
