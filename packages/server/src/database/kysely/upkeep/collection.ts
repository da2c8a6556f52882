import { sql, type Transaction } from 'kysely'
import type { UpkeepTable } from '../../upkeep-table.ts'
import type { Schema } from '../schema.ts'
import type { SqlBackend } from '../sql-backend.ts'
import { textList } from '../text-list.ts'

type Collection = Pick<UpkeepTable, 'adopt' | 'noteUnneeded' | 'retire' | 'remove' | 'dropNars'>

const needed = sql<boolean>`exists (select 1 from nar_packs where nar_packs.pack_id = packs.id)`
const unneeded = sql<boolean>`not ${needed}`

/** Each looks again, and takes turns with those who publish: nothing they rely on goes. */
export function createCollection({ db, flavour }: SqlBackend): Collection {
  function inTurn<Result>(work: (db: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return db.transaction().execute(async (transaction) => {
      await flavour.takeTurns.execute(transaction)
      return work(transaction)
    })
  }

  return {
    async adopt(packs) {
      if (packs.length === 0) return
      const now = Date.now()
      await db
        .insertInto('packs')
        .values(packs.map((pack) => ({ ...pack, created_at: now, unneeded_since: now, damaged_at: now })))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    noteUnneeded: (names) =>
      inTurn(async (db) => {
        await db
          .updateTable('packs')
          .set({ unneeded_since: Date.now() })
          .where('unneeded_since', 'is', null)
          .where('name', 'in', textList(flavour, names))
          .where(unneeded)
          .execute()
      }),

    retire: (limit, since) =>
      inTurn(async (db) => {
        const retired = await db
          .selectFrom('packs')
          .select(['id', 'name'])
          .where('unneeded_since', '<=', since)
          .where(unneeded)
          .orderBy('unneeded_since')
          .limit(limit)
          .execute()
        for (const { id } of retired) {
          await db
            .updateTable('packs')
            .set({ damaged_at: sql`coalesce(damaged_at, ${Date.now()})` })
            .where('id', '=', id)
            .execute()
        }
        return retired.map((pack) => pack.name)
      }),

    remove: (name, since, erase) =>
      db.transaction().execute(async (db) => {
        // The row is locked from here on: to record a pack of this name waits until its file is gone.
        const pack = await db
          .updateTable('packs')
          .set({ damaged_at: Date.now() })
          .where('name', '=', name)
          .where('damaged_at', 'is not', null)
          .where('unneeded_since', '<=', since)
          .where(unneeded)
          .returning('id')
          .executeTakeFirst()
        if (pack === undefined) return false
        await forgetPack(db, pack.id)
        await erase()
        return true
      }),

    dropNars: (limit) => inTurn((db) => dropNars(db, limit)),
  }
}

async function forgetPack(db: Transaction<Schema>, id: number): Promise<void> {
  await db.deleteFrom('uploads').where('pack_id', '=', id).execute()
  await db.deleteFrom('chunks').where('pack_id', '=', id).execute()
  await db.deleteFrom('packs').where('id', '=', id).execute()
}

async function dropNars(db: Transaction<Schema>, limit: number): Promise<number> {
  const dropped = await db
    .deleteFrom('nars')
    .where('id', 'in', (select) =>
      select
        .selectFrom('nars')
        .select('nars.id')
        .where(sql<boolean>`not exists (select 1 from paths where paths.nar_id = nars.id)`)
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
