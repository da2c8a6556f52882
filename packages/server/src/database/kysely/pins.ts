import { sql, type Kysely, type Transaction } from 'kysely'
import type { NewPin, Pin, PinKeep, PinTable } from '../pin-table.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createPinTable({ db }: SqlBackend): PinTable {
  return {
    pin: (cacheId, pin) => db.transaction().execute((transaction) => addRevision(transaction, cacheId, pin)),

    list: async (cacheId) => (await selectPins(db, cacheId)).map(toPin),

    async remove(cacheId, name) {
      const pins = db.deleteFrom('pins').where('cache_id', '=', cacheId).where('name', '=', name)
      return (await pins.executeTakeFirst()).numDeletedRows > 0n
    },
  }
}

async function addRevision(db: Transaction<Schema>, cacheId: number, pin: NewPin): Promise<boolean> {
  const path = await db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select('paths.id')
    .where('paths.cache_id', '=', cacheId)
    .where('paths.store_hash', '=', pin.storeHash)
    .where('nars.is_damaged', '=', 0)
    .executeTakeFirst()
  if (path === undefined) return false
  const keep = pin.keep === undefined ? null : JSON.stringify(pin.keep)
  // The update locks the row: of two that pin at once, the second sees the revision of the first.
  const { id } = await db
    .insertInto('pins')
    .values({ cache_id: cacheId, name: pin.name, keep, created_at: Date.now() })
    .onConflict((conflict) => conflict.columns(['cache_id', 'name']).doUpdateSet({ keep }))
    .returning('id')
    .executeTakeFirstOrThrow()
  const artifacts = JSON.stringify(pin.artifacts)
  const last = await db
    .selectFrom('pin_revisions')
    .select(['path_id', 'artifacts'])
    .where('pin_id', '=', id)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last?.path_id === path.id && last.artifacts === artifacts) return true
  const revision = { pin_id: id, path_id: path.id, artifacts, created_at: Date.now() }
  await db.insertInto('pin_revisions').values(revision).execute()
  return true
}

function selectPins(db: Kysely<Schema>, cacheId: number) {
  return db
    .selectFrom('pins')
    .innerJoin('pin_revisions as last', 'last.pin_id', 'pins.id')
    .innerJoin('paths', 'paths.id', 'last.path_id')
    .where('pins.cache_id', '=', cacheId)
    .where(sql<boolean>`not exists (
      select 1 from pin_revisions as later where later.pin_id = pins.id and later.id > last.id
    )`)
    .select([
      'pins.name',
      'pins.keep',
      'pins.created_at as createdAt',
      'last.artifacts',
      'last.created_at as revisedAt',
      sql<string>`paths.store_hash || '-' || paths.store_name`.as('path'),
      sql<number>`(select count(*) from pin_revisions where pin_id = pins.id)`.as('revision'),
    ])
    .orderBy('pins.name')
    .execute()
}

type SelectedPin = Awaited<ReturnType<typeof selectPins>>[number]

function toPin({ name, keep, createdAt, path, artifacts, revisedAt, revision }: SelectedPin): Pin {
  return {
    name,
    keep: (keep === null ? undefined : JSON.parse(keep)) as PinKeep,
    createdAt,
    lastRevision: {
      path,
      artifacts: JSON.parse(artifacts) as string[],
      createdAt: revisedAt,
      number: revision,
    },
  }
}
