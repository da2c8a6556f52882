import type { CheckPace } from '../../../src/services/upkeep/check-store.ts'
import type { CompactPace } from '../../../src/services/upkeep/compact-packs.ts'

/** Upkeep without any grace period or rest. */
export const hasty: CheckPace & CompactPace = {
  graceMs: 0,
  leastUse: 0.5,
  thorough: false,
  repair: false,
  signal: new AbortController().signal,
  rest: async () => {},
}

/** As it is in life: nothing that a test makes is old enough. */
export const patient = { ...hasty, graceMs: 24 * 60 * 60 * 1000 }
