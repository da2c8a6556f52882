import { setTimeout as pause } from 'node:timers/promises'

const interval = 50

/**
 * Asks again and again until the answer is neither undefined nor false. Throws, naming what was awaited, after
 * `timeout` milliseconds.
 */
export async function waitFor<T>(
  awaited: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeout = 30_000,
): Promise<T> {
  const end = performance.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`Waited ${timeout} ms in vain for ${awaited}.`)
    await pause(interval)
  }
}
