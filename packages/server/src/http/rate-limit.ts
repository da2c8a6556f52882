import { LRUCache } from 'lru-cache'

/** Seconds' worth of requests that may come at once. */
const burstSeconds = 20
/** Some three megabytes. Whoever is forgotten begins anew, which is lenient. */
const maxKeys = 20_000

/**
 * How often anybody may ask: so many times a second in the long run, twenty times that at once. A token bucket for each
 * key, kept as the one moment at which it will be full again.
 */
export class RateLimit {
  readonly #interval: number
  readonly #fullAt = new LRUCache<string, number>({ max: maxKeys })

  /** 0: no limit. */
  constructor(perSecond: number) {
    this.#interval = perSecond === 0 ? 0 : 1000 / perSecond
  }

  get isOff(): boolean {
    return this.#interval === 0
  }

  /** Counts a request. Gives the whole seconds after which to ask again, 0 if it may go on. `now` is in milliseconds. */
  take(key: string, now = performance.now()): number {
    const fullAt = Math.max(now, this.#fullAt.get(key) ?? 0)
    // Whole milliseconds: sums of fractions come out a little too high, and the burst would be one too short.
    const excess = Math.round(fullAt + this.#interval - now - burstSeconds * 1000)
    if (excess > 0) return Math.ceil(excess / 1000)
    this.#fullAt.set(key, fullAt + this.#interval)
    return 0
  }
}
