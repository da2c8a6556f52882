import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

interface UsedPack {
  readonly packId: number
  readonly unneededSince: number | null
}

/**
 * Has collection leave alone, from now on for its grace period, packs that somebody is to be told about. Gives the rows
 * without those whose packs collection was just taking. Writes only where it had its eye on a pack.
 */
export async function leasePacks<Row extends UsedPack>(
  db: Kysely<Schema>,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const watched = rows.filter(({ unneededSince }) => unneededSince !== null)
  if (watched.length === 0) return rows
  // In one order everywhere: PostgreSQL transactions that update the same rows then cannot deadlock.
  const ids = [...new Set(watched.map((row) => row.packId))].toSorted((a, b) => a - b)
  const gone = new Set<number>()
  await db.transaction().execute(async (transaction) => {
    for (const id of ids) {
      const { numUpdatedRows } = await transaction
        .updateTable('packs')
        .set({ unneeded_since: null })
        .where('id', '=', id)
        .where('damaged_at', 'is', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) gone.add(id)
    }
  })
  return rows.filter(({ packId }) => !gone.has(packId))
}
