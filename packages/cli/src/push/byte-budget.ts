/** Bounds the bytes that are in memory at the same time. What is acquired has to be released. */
export class ByteBudget {
  readonly #limit: number
  readonly #onFull: () => void
  readonly #waiting: { readonly bytes: number; readonly resolve: () => void }[] = []
  #held = 0

  /** `onFull` is called whenever somebody has to wait: it should see to it that something is released. */
  constructor(limit: number, onFull: () => void) {
    this.#limit = limit
    this.#onFull = onFull
  }

  /** First come, first served. Nobody waits while nothing is held. */
  async acquire(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#held += bytes
      return
    }
    const turn = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, resolve: turn.resolve })
    this.#onFull()
    await turn.promise
  }

  release(bytes: number): void {
    this.#held -= bytes
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#held += next.bytes
      next.resolve()
    }
  }

  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.#limit
  }
}
