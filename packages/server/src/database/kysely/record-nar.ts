import { sql, type Transaction } from 'kysely'
import type { Nar, PackRecord } from '../cache-database.ts'
import type { Schema } from './schema.ts'
import { selectNars } from './select-nars.ts'
import type { SqlFlavour } from './sql-backend.ts'
import { textList } from './text-list.ts'

interface NarRecording {
  readonly db: Transaction<Schema>
  readonly flavour: SqlFlavour
  readonly cacheId: number
  readonly nar: Nar
  readonly packs: readonly PackRecord[]
}

/** `NarTable.record`, within a transaction. */
export async function recordNar(recording: NarRecording): Promise<Nar> {
  const { db, cacheId, nar, packs } = recording
  const newId = await insertNar(db, nar)
  if (newId !== undefined) await insertPacks(recording, newId, packs)
  const { id, ...stored } = await selectNars(db)
    .select('nars.id')
    .where('nars.file_hash', '=', nar.fileHash)
    .executeTakeFirstOrThrow()
  await db
    .insertInto('sent_nars')
    .values({ cache_id: cacheId, nar_id: id, sent_at: Date.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return stored
}

/** Undefined when the NAR is known already. */
async function insertNar(db: Transaction<Schema>, nar: Nar): Promise<number | undefined> {
  const inserted = await db
    .insertInto('nars')
    .values({
      file_hash: nar.fileHash,
      file_size: nar.fileSize,
      nar_hash: nar.narHash,
      nar_size: nar.narSize,
      created_at: Date.now(),
      recipe: nar.recipe,
      listing: nar.listing,
    })
    .onConflict((conflict) => conflict.column('file_hash').doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

async function insertPacks(
  { db, flavour }: NarRecording,
  narId: number,
  packs: readonly PackRecord[],
): Promise<void> {
  // In one order everywhere: PostgreSQL transactions that insert the same packs then cannot deadlock.
  const inOrder = packs.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, size } of inOrder) {
    await db
      .insertInto('packs')
      .values({ name, size, created_at: Date.now() })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
  }
  const names = textList(
    flavour,
    packs.map((pack) => pack.name),
  )
  await sql`insert into nar_packs (nar_id, pack_id)
    select cast(${narId} as bigint), id from packs where name in ${names}`.execute(db)
}
