import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { fetchNarinfo, UpstreamRefusal } from './fetch-narinfo.ts'
import type { NarinfoFetch } from './fetch-narinfo.ts'
import type { UpstreamAnswer, UpstreamQuestion, UpstreamReader } from './upstream-reader.ts'

export interface FetchingOptions {
  /** `http(s)://HOST[:PORT]` of those that may be asked. */
  readonly origins: readonly string[]
  /** Milliseconds for an answer, connecting and redirects included. */
  readonly patienceMs: number
  /** Milliseconds for which one that does not answer is not asked again. */
  readonly restMs: number
  /** Requests under way, of everybody together. */
  readonly atOnce: number
  /** Told when one begins not to be asked. */
  onRest(url: string, error: unknown): void
}

/** Milliseconds, of `performance.now()`. */
interface Condition {
  restsUntil: number
  answeredAt: number
}

/** More upstreams than are in use at a time. */
const maxConditions = 1000

/** Fetches narinfos over HTTP. */
export class FetchingUpstreamReader implements UpstreamReader {
  readonly #options: FetchingOptions
  readonly #origins: ReadonlySet<string>
  /** By address: who declares one that fails must not have others of the same host left alone. */
  readonly #conditions = new LRUCache<string, Condition>({ max: maxConditions })
  readonly #limit

  constructor(options: FetchingOptions) {
    this.#options = options
    this.#origins = new Set(options.origins)
    this.#limit = pLimit(options.atOnce)
  }

  mayAsk(url: string): boolean {
    return this.#origins.has(new URL(url).origin)
  }

  async readNarinfo(question: UpstreamQuestion, signal: AbortSignal): Promise<UpstreamAnswer> {
    const { url } = question
    if (!this.mayAsk(url)) return { outcome: 'unknown' }
    const condition = this.#conditionOf(url)
    if (isResting(condition)) return { outcome: 'unknown' }
    return this.#limit(async (): Promise<UpstreamAnswer> => {
      if (signal.aborted || isResting(condition)) return { outcome: 'unknown' }
      const startedAt = performance.now()
      try {
        const text = await this.#fetch(question, signal)
        condition.answeredAt = performance.now()
        return text === undefined ? { outcome: 'absent' } : { outcome: 'found', text }
      } catch (error) {
        // Where others were answered meanwhile, the fault is that of this one.
        const isDown = !signal.aborted && condition.answeredAt < startedAt && !isResting(condition)
        if (isDown) this.#rest(url, condition, error)
        return { outcome: 'unknown' }
      }
    })
  }

  #conditionOf(url: string): Condition {
    const known = this.#conditions.get(url)
    if (known !== undefined) return known
    const condition = { restsUntil: 0, answeredAt: 0 }
    this.#conditions.set(url, condition)
    return condition
  }

  #rest(url: string, condition: Condition, error: unknown): void {
    condition.restsUntil = performance.now() + this.#options.restMs
    this.#options.onRest(url, error)
  }

  async #fetch({ url, storeHash }: UpstreamQuestion, signal: AbortSignal): Promise<string | undefined> {
    const patience = AbortSignal.timeout(this.#options.patienceMs)
    const fetched = {
      url: `${url}/${storeHash}.narinfo`,
      isAllowed: (origin: string) => this.#origins.has(origin),
      signal: AbortSignal.any([signal, patience]),
    }
    try {
      return await fetchStubbornly(fetched)
    } catch (cause) {
      if (!patience.aborted) throw cause
      const message = `${fetched.url}: no answer within ${this.#options.patienceMs} ms.`
      throw new Error(message, { cause })
    }
  }
}

async function fetchStubbornly(fetched: NarinfoFetch): Promise<string | undefined> {
  try {
    return await fetchNarinfo(fetched)
  } catch (error) {
    if (error instanceof UpstreamRefusal || fetched.signal.aborted) throw error
    // A connection that was kept open may have been closed by the other end just then.
    return fetchNarinfo(fetched)
  }
}

function isResting({ restsUntil }: Condition): boolean {
  return performance.now() < restsUntil
}
