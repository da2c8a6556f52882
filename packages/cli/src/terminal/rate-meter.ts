/** Bytes per second over the last few seconds. */
export class RateMeter {
  readonly #now: () => number
  readonly #samples: { readonly time: number; readonly total: number }[] = []

  /** `now`: milliseconds that never go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#samples.push({ time: now(), total: 0 })
  }

  /** Tells how many bytes there have been in all, and gets their rate, in bytes per second. */
  measure(total: number): number {
    const time = this.#now()
    this.#samples.push({ time, total })
    while (this.#samples.length > 2 && time - (this.#samples[1]?.time ?? 0) > windowMilliseconds)
      this.#samples.shift()
    const oldest = this.#samples[0] ?? { time, total }
    const elapsed = time - oldest.time
    return elapsed <= 0 ? 0 : (Math.max(0, total - oldest.total) / elapsed) * 1000
  }
}

const windowMilliseconds = 5000
