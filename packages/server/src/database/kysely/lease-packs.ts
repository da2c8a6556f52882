import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Much shorter than collection waits, so that nearly all questions are answered without writing anything. */
const leaseRenewal = 10 * 60 * 1000

interface UsedPack {
  readonly packId: number
  readonly lastUsedAt: number
}

/** Has collection leave alone, from now on for its grace period, packs that somebody was told about. */
export async function leasePacks(db: Kysely<Schema>, packs: readonly UsedPack[]): Promise<void> {
  const now = Date.now()
  const stale = packs.filter(({ lastUsedAt }) => lastUsedAt < now - leaseRenewal)
  // In one order everywhere: PostgreSQL transactions that update the same rows then cannot deadlock.
  const ids = [...new Set(stale.map((pack) => pack.packId))].toSorted((a, b) => a - b)
  if (ids.length === 0) return
  await db.transaction().execute(async (transaction) => {
    for (const id of ids) {
      await transaction.updateTable('packs').set({ last_used_at: now }).where('id', '=', id).execute()
    }
  })
}
