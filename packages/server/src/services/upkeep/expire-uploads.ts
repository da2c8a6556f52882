import type { CacheDatabase } from '../../database/cache-database.ts'
import type { PartStore } from '../../storage/part-store.ts'
import type { UpkeepPace } from './upkeep-work.ts'

export interface Expired {
  /** Uploads in parts that nobody goes on with. */
  readonly uploads: number
  /** Paths that waited in vain for what they refer to. */
  readonly waiting: number
}

export interface ExpireDeps {
  readonly database: CacheDatabase
  readonly parts: PartStore
}

/** Forgets what clients have begun and not finished within the grace period: they crash, and do not clean up. */
export async function expireUploads(deps: ExpireDeps, pace: UpkeepPace): Promise<Expired> {
  const since = Date.now() - pace.graceMs
  const uploads = await dropUploads(deps.parts, since, pace)
  return { uploads, waiting: await deps.database.upkeep.dropWaiting(since) }
}

async function dropUploads(parts: PartStore, since: number, { signal, rest }: UpkeepPace): Promise<number> {
  let dropped = 0
  for (const id of await parts.ids()) {
    signal.throwIfAborted()
    const changedAt = await parts.changedAt(id)
    if (changedAt === undefined || changedAt > since) continue
    await parts.end(id)
    dropped++
    await rest()
  }
  return dropped
}
