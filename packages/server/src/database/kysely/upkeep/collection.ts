import { sql, type Transaction } from 'kysely'
import type { UpkeepTable } from '../../upkeep-table.ts'
import type { Schema } from '../schema.ts'
import type { SqlBackend, SqlFlavour } from '../sql-backend.ts'
import { textList } from '../text-list.ts'
import { dropNars } from './drop-nars.ts'

type Collection = Pick<
  UpkeepTable,
  'adopt' | 'noteUnneeded' | 'retire' | 'remove' | 'dropWaiting' | 'dropNars'
>

/** Neither by a NAR nor as a file that is itself served. */
function unneeded() {
  return sql<boolean>`not exists (select 1 from nar_packs where nar_packs.pack_id = packs.id)
    and not exists (
      select 1 from uploads where uploads.pack_id = packs.id and uploads.served_until > ${Date.now()}
    )`
}

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
      const rows = packs.map(({ name, size }) => ({
        name,
        size,
        created_at: now,
        unneeded_since: now,
        damaged_at: now,
      }))
      await db
        .insertInto('packs')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    noteUnneeded: (names) => inTurn((db) => noteUnneeded(db, flavour, names)),
    retire: (limit, since) => inTurn((db) => retire(db, limit, since)),
    remove: (name, since, erase) =>
      db.transaction().execute(async (db) => {
        const id = await lockRetired(db, name, since)
        if (id === undefined) return false
        await forgetPack(db, id)
        await erase()
        return true
      }),
    async dropWaiting(since) {
      const waiting = db.deleteFrom('waiting_paths').where('waiting_since', '<=', since)
      return Number((await waiting.executeTakeFirst()).numDeletedRows)
    },
    dropNars: (limit) => inTurn((db) => dropNars(db, limit)),
  }
}

async function noteUnneeded(
  db: Transaction<Schema>,
  flavour: SqlFlavour,
  names: readonly string[],
): Promise<void> {
  await db
    .updateTable('packs')
    .set({ unneeded_since: Date.now() })
    .where('unneeded_since', 'is', null)
    .where('name', 'in', textList(flavour, names))
    .where(unneeded())
    .execute()
}

async function retire(db: Transaction<Schema>, limit: number, since: number): Promise<string[]> {
  const retired = await db
    .selectFrom('packs')
    .select(['id', 'name'])
    .where('unneeded_since', '<=', since)
    .where(unneeded())
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
}

/** From here on, to record a pack of this name waits until its file is gone. */
async function lockRetired(
  db: Transaction<Schema>,
  name: string,
  since: number,
): Promise<number | undefined> {
  const pack = await db
    .updateTable('packs')
    .set({ damaged_at: Date.now() })
    .where('name', '=', name)
    .where('damaged_at', 'is not', null)
    .where('unneeded_since', '<=', since)
    .where(unneeded())
    .returning('id')
    .executeTakeFirst()
  return pack?.id
}

async function forgetPack(db: Transaction<Schema>, id: number): Promise<void> {
  await db.deleteFrom('uploads').where('pack_id', '=', id).execute()
  await db.deleteFrom('chunks').where('pack_id', '=', id).execute()
  await db.deleteFrom('packs').where('id', '=', id).execute()
}
