import { sql, type Transaction } from 'kysely'
import type { Move, MovedChunk, MovedNar, UpkeepTable } from '../../upkeep-table.ts'
import { recordPack } from '../packs.ts'
import type { Schema } from '../schema.ts'
import type { SqlFlavour } from '../sql-backend.ts'
import { textList } from '../text-list.ts'

interface Moving {
  readonly db: Transaction<Schema>
  readonly flavour: SqlFlavour
}

/** `UpkeepTable.move`, within a transaction that no publisher is in at the same time. */
export async function moveFrames(moving: Moving, { pack, nars, chunks }: Move): Promise<void> {
  const packId = await recordPack(moving.db, pack)
  for (const nar of nars) await moveNar(moving, nar)
  for (const chunk of chunks) await moveChunk(moving, chunk, packId)
}

async function moveNar({ db, flavour }: Moving, nar: MovedNar): Promise<void> {
  const moved = await db
    .updateTable('nars')
    .set({ recipe: nar.newRecipe })
    .where('file_hash', '=', nar.fileHash)
    .where('recipe', '=', nar.oldRecipe)
    .returning('id')
    .executeTakeFirst()
  if (moved === undefined) return
  await db.deleteFrom('nar_packs').where('nar_id', '=', moved.id).execute()
  await sql`insert into nar_packs (nar_id, pack_id)
    select cast(${moved.id} as bigint), id from packs where name in ${textList(flavour, nar.packs)}`.execute(
    db,
  )
  await sql`update nars set is_damaged = case when exists (
      select 1 from nar_packs join packs on packs.id = nar_packs.pack_id
      where nar_packs.nar_id = nars.id and packs.damaged_at is not null
    ) then 1 else 0 end where id = ${moved.id}`.execute(db)
}

async function moveChunk({ db }: Moving, chunk: MovedChunk, packId: number): Promise<void> {
  await db
    .updateTable('chunks')
    .set({ pack_id: packId, frame_offset: chunk.newOffset })
    .where('name', '=', chunk.name)
    .where('frame_offset', '=', chunk.offset)
    .where('pack_id', '=', (select) => select.selectFrom('packs').select('id').where('name', '=', chunk.pack))
    .execute()
}

/** `UpkeepTable.withdraw`: a NAR that uses no pack is not mended by any, but by being published again. */
export async function withdrawNar(
  db: Transaction<Schema>,
  { fileHash, recipe }: Parameters<UpkeepTable['withdraw']>[0],
): Promise<boolean> {
  const nar = await db
    .updateTable('nars')
    .set({ is_damaged: 1 })
    .where('file_hash', '=', fileHash)
    .where('recipe', '=', recipe)
    .returning('id')
    .executeTakeFirst()
  if (nar === undefined) return false
  await db.deleteFrom('nar_packs').where('nar_id', '=', nar.id).execute()
  return true
}
