import type { Published } from '../publish-upload.ts'

/**
 * Uploads that are being completed. To verify a large NAR takes minutes, and a proxy on the way may give up sooner: the
 * work goes on then, and whoever asks again gets its result.
 */
export class Completions {
  readonly #running = new Map<string, Promise<Published>>()
  readonly #stopping = new AbortController()

  /** Does the work, unless it is under way by this key. */
  run(key: string, work: (signal: AbortSignal) => Promise<Published>): Promise<Published> {
    const known = this.#running.get(key)
    if (known !== undefined) return known
    const running = work(this.#stopping.signal).finally(() => this.#running.delete(key))
    this.#running.set(key, running)
    return running
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#running.values())
  }
}
