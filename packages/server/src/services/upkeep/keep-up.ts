import { setTimeout as pause } from 'node:timers/promises'

import { collectPacks } from './collect-packs.ts'
import type { Collected } from './collect-packs.ts'
import { compactPacks, leastUse } from './compact-packs.ts'
import type { Compacted } from './compact-packs.ts'
import { dropExpiredTokens } from './drop-expired-tokens.ts'
import { expireUploads } from './expire-uploads.ts'
import type { Expired, ExpireDeps } from './expire-uploads.ts'
import type { UpkeepDeps } from './upkeep-work.ts'

export interface UpkeepPlan {
  /** Milliseconds; see `UpkeepPace`. */
  readonly graceMs: number
  /** Milliseconds between two rounds, about: servers that share a database should not fall into step. */
  readonly intervalMs: number
  /** Ends it. */
  readonly signal: AbortSignal
  report(round: UpkeepRound): void
}

export type UpkeepRound =
  | {
      readonly outcome: 'done'
      readonly expired: Expired
      readonly collected: Collected
      readonly compacted: Compacted
      /** That had expired, and were forgotten. */
      readonly tokens: number
    }
  | { readonly outcome: 'failed'; readonly error: unknown }

/** Milliseconds between steps, so that requests hardly notice. */
const restMs = 100

/** Expires, collects and compacts from time to time, until it is told to stop. */
export async function keepUp(deps: UpkeepDeps & ExpireDeps, plan: UpkeepPlan): Promise<void> {
  const { signal, intervalMs } = plan
  while (!signal.aborted) {
    await sleep(intervalMs * (0.75 + Math.random() / 2), signal)
    if (signal.aborted) return
    try {
      const pace = { ...plan, leastUse, rest: () => sleep(restMs, signal) }
      const expired = await expireUploads(deps, pace)
      const collected = await collectPacks(deps, pace)
      const compacted = await compactPacks(deps, pace)
      const tokens = await dropExpiredTokens(deps)
      plan.report({ outcome: 'done', expired, collected, compacted, tokens })
    } catch (error) {
      if (!signal.aborted) plan.report({ outcome: 'failed', error })
    }
  }
}

/** Shorter if the signal says so. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal, ref: false }).catch(() => {})
}
