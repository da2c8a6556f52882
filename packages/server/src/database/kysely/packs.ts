import { sql, type Transaction } from 'kysely'
import type { PackRecord, PackTable } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createPackTable(backend: SqlBackend): PackTable {
  const { db, flavour } = backend
  const findSound = prepareQuery(backend, (name: string) =>
    db.selectFrom('packs').select('id').where('name', '=', name).where('damaged_at', 'is', null),
  )
  return {
    async isSound(name) {
      return (await findSound(name)) !== undefined
    },

    async lease(name) {
      await db.updateTable('packs').set({ unneeded_since: null }).where('name', '=', name).execute()
    },

    async markDamaged(name) {
      await db.transaction().execute(async (transaction) => {
        // A NAR that is published at this moment would be missed.
        await flavour.takeTurns.execute(transaction)
        const damaged = await transaction
          .updateTable('packs')
          .set({ damaged_at: Date.now() })
          .where('name', '=', name)
          .where('damaged_at', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (damaged) await judgeNars(transaction, damaged.id)
      })
    },
  }
}

/** Records a pack whose bytes are durable. Gives its id. */
export async function recordPack(db: Transaction<Schema>, { name, size }: PackRecord): Promise<number> {
  const pack = await db
    .insertInto('packs')
    .values({ name, size, created_at: Date.now() })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ unneeded_since: null }))
    .returning(['id', 'damaged_at'])
    .executeTakeFirstOrThrow()
  if (pack.damaged_at !== null) {
    await db.updateTable('packs').set({ damaged_at: null }).where('id', '=', pack.id).execute()
    await judgeNars(db, pack.id)
  }
  return pack.id
}

/** Brings the NARs that use the pack up to date with what is known of their packs. */
async function judgeNars(db: Transaction<Schema>, packId: number): Promise<void> {
  await sql`update nars set is_damaged = case when exists (
      select 1 from nar_packs join packs on packs.id = nar_packs.pack_id
      where nar_packs.nar_id = nars.id and packs.damaged_at is not null
    ) then 1 else 0 end
    where id in (select nar_id from nar_packs where pack_id = ${packId})`.execute(db)
}
