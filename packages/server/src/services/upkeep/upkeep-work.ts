import type { CacheDatabase } from '../../database/cache-database.ts'
import type { PackStore } from '../../storage/pack-store.ts'
import type { NarWorkers } from '../workers/nar-workers.ts'

export interface UpkeepDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly workers: NarWorkers
}

/** How upkeep goes about its work, which is made of short steps. */
export interface UpkeepPace {
  /** Milliseconds that what nothing needs any more is kept for those who count on it: longer than any push or download. */
  readonly graceMs: number
  readonly signal: AbortSignal
  /** Awaited between steps. */
  readonly rest: () => Promise<void>
}

/** Rows read in one step. */
export const pageSize = 500
