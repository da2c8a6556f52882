import { setTimeout as pause } from 'node:timers/promises'
import type { Received } from './wire.ts'

/** Milliseconds. */
const longestBackOff = 15_000
const longestRetryAfter = 120_000
const longestOfAll = 90_000

/**
 * How the genuine client repeats a request: after 429, 5xx and whatever befalls the connection, first after a second and
 * then ever more slowly, at random, or as long as the answer says; no more once it has waited for 90 seconds.
 */
export class Patience {
  /** All waits so far, in milliseconds. */
  readonly waits: number[] = []
  readonly #pause: (wait: number) => Promise<unknown>

  constructor(wait: (milliseconds: number) => Promise<unknown> = pause) {
    this.#pause = wait
  }

  /** Only takes note of how long it would wait. */
  static inVirtualTime(): Patience {
    return new Patience(() => Promise.resolve())
  }

  /** The last answer there was; throws where there was none. */
  async repeat(send: () => Promise<Received>): Promise<Received> {
    let waited = 0
    for (let attempt = 0; ; attempt++) {
      const result = await send().catch((error: Error) => error)
      const isFinal = !(result instanceof Error) && !isRetryable(result.status)
      if (isFinal || waited >= longestOfAll) return orThrow(result)
      const asked = result instanceof Error ? undefined : retryAfter(result)
      const wait = asked ?? Math.random() * Math.min(longestBackOff, 1000 * 2 ** attempt)
      waited += wait
      await this.wait(wait)
    }
  }

  async wait(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds)
    await this.#pause(milliseconds)
  }
}

function orThrow(result: Received | Error): Received {
  if (result instanceof Error) throw result
  return result
}

function isRetryable(status: number): boolean {
  return status === 429 || status >= 500
}

/** In milliseconds: what the header says, in seconds or as a date, or else the JSON. */
function retryAfter({ headers, body }: Received): number | undefined {
  const header = headers['retry-after']
  const isJson = /^application\/(?:problem\+)?json\b/.test(headers['content-type'] ?? '')
  const seconds = header ?? (isJson ? inJson(body) : undefined)
  if (seconds === undefined) return undefined
  const wait = /^\d+$/.test(seconds) ? Number(seconds) * 1000 : Date.parse(seconds) - Date.now()
  return wait > 0 ? Math.min(wait, longestRetryAfter) : undefined
}

function inJson(body: Buffer): string | undefined {
  const { retry_after: seconds } = JSON.parse(body.toString()) as { retry_after?: unknown }
  return Number.isInteger(seconds) ? String(seconds) : undefined
}
