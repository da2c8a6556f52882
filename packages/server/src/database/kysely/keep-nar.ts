import { createHash } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type { Nar, StoredListing } from '../cache-database.ts'
import type { Schema } from './schema.ts'
import type { SqlFlavour } from './sql-backend.ts'
import { textList } from './text-list.ts'

interface NarKeeping {
  readonly db: Transaction<Schema>
  readonly flavour: SqlFlavour
  readonly nar: Nar
  /** Names. */
  readonly packs: readonly string[]
}

/**
 * The id of the NAR, recorded if it is not known yet. One that is known stays as it is, for its bytes are what its file
 * hash says, unless they are damaged: then these packs replace those. Throws `damaged` if one of these is not sound.
 */
export async function keepNar(keeping: NarKeeping): Promise<number> {
  const known = await keeping.db
    .selectFrom('nars')
    .select(['id', 'is_damaged'])
    .where('file_hash', '=', keeping.nar.fileHash)
    .executeTakeFirst()
  if (known?.is_damaged === 0) return known.id
  const id = known === undefined ? await insertNar(keeping) : await mendNar(keeping, known.id)
  await usePacks(keeping, id)
  return id
}

async function insertNar({ db, nar }: NarKeeping): Promise<number> {
  const { id } = await db
    .insertInto('nars')
    .values({
      file_hash: nar.fileHash,
      file_size: nar.fileSize,
      nar_hash: nar.narHash,
      nar_size: nar.narSize,
      created_at: Date.now(),
      is_damaged: 0,
      listing_id: await keepListing(db, nar.listing),
      listing_hashes: nar.listing.hashes.join(''),
      recipe: nar.recipe,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const files = nar.buildIds.map((buildId) => ({ nar_id: id, build_id: buildId }))
  if (files.length > 0) await db.insertInto('debug_files').values(files).execute()
  return id
}

async function mendNar({ db, nar }: NarKeeping, id: number): Promise<number> {
  const { fileSize, narHash, narSize, recipe } = nar
  await db
    .updateTable('nars')
    .set({ file_size: fileSize, nar_hash: narHash, nar_size: narSize, recipe, is_damaged: 0 })
    .where('id', '=', id)
    .execute()
  await db.deleteFrom('nar_packs').where('nar_id', '=', id).execute()
  return id
}

async function usePacks({ db, flavour, packs }: NarKeeping, id: number): Promise<void> {
  await db
    .updateTable('packs')
    .set({ unneeded_since: null })
    .where('unneeded_since', 'is not', null)
    .where('name', 'in', textList(flavour, packs))
    .execute()
  const { numAffectedRows } = await sql`insert into nar_packs (nar_id, pack_id)
    select cast(${id} as bigint), id from packs
    where damaged_at is null and name in ${textList(flavour, packs)}`.execute(db)
  if (numAffectedRows === BigInt(new Set(packs).size)) return
  throw new CacheError('damaged', 'What was stored of this push was damaged just now: push again to mend it.')
}

async function keepListing(db: Transaction<Schema>, { template }: StoredListing): Promise<number> {
  const hash = createHash('sha256').update(template).digest('hex')
  const known = await db.selectFrom('listings').select('id').where('hash', '=', hash).executeTakeFirst()
  if (known) return known.id
  const { id } = await db
    .insertInto('listings')
    .values({ hash, template })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
