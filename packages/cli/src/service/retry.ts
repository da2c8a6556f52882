import { setTimeout as delay } from 'node:timers/promises'

/** All times in milliseconds. */
export interface RetryPolicy {
  /** The longest first wait; each further one may be twice as long. */
  readonly firstWait: number
  readonly longestWait: number
  /** Give up when all waits together would exceed this. */
  readonly budget: number
}

export interface RetryOptions extends RetryPolicy {
  /** The wait the failure itself asks for, in milliseconds, or undefined to leave it to chance; false: do not try again. */
  readonly judge: (failure: unknown) => number | undefined | false
  readonly onRetry?: ((attempt: number, failure: unknown) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export const defaultRetryPolicy: RetryPolicy = { firstWait: 1000, longestWait: 15_000, budget: 90_000 }

/**
 * Runs `work` until it succeeds, waiting a random time between attempts ("full jitter": anything up to a bound that
 * doubles), so that a crowd of clients does not come back in step. Throws the last failure.
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  let waited = 0
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (failure) {
      const wait = nextWait(failure, attempt, options)
      if (wait === undefined || waited + wait > options.budget) throw failure
      options.onRetry?.(attempt, failure)
      await delay(wait, undefined, { signal: options.signal })
      waited += wait
    }
  }
}

function nextWait(failure: unknown, attempt: number, options: RetryOptions): number | undefined {
  const asked = options.signal?.aborted === true ? false : options.judge(failure)
  if (asked === false) return undefined
  const bound = Math.min(options.longestWait, options.firstWait * 2 ** (attempt - 1))
  return asked ?? Math.random() * bound
}
