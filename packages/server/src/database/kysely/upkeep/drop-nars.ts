import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** `UpkeepTable.dropNars`, within a transaction that no publisher is in at the same time. */
export async function dropNars(db: Transaction<Schema>, limit: number): Promise<number> {
  const dropped = await db
    .deleteFrom('nars')
    .where('id', 'in', (select) =>
      select
        .selectFrom('nars')
        .select('nars.id')
        .where(sql<boolean>`not exists (select 1 from paths where paths.nar_id = nars.id)`)
        .where(sql<boolean>`not exists (select 1 from waiting_paths where waiting_paths.nar_id = nars.id)`)
        .limit(limit),
    )
    .returning('listing_id')
    .execute()
  for (const listingId of new Set(dropped.map((nar) => nar.listing_id))) {
    await db
      .deleteFrom('listings')
      .where('id', '=', listingId)
      .where(sql<boolean>`not exists (select 1 from nars where nars.listing_id = listings.id)`)
      .execute()
  }
  return dropped.length
}
