import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type { Nar, StoredListing } from '../cache-database.ts'
import { idOf } from './id-of.ts'
import { inSlices } from './in-slices.ts'
import { pairList } from './pair-list.ts'
import type { Publisher } from './path-references.ts'
import { textList } from './text-list.ts'

type Keeper = Pick<Publisher, 'db' | 'flavour'>

export interface NarWithPacks {
  readonly nar: Nar
  /** Names. */
  readonly packs: readonly string[]
}

/**
 * The id of the NAR, recorded if it is not known yet. One that is known stays as it is, for its bytes are what its file
 * hash says, unless they are damaged: then these packs replace those. Throws `damaged` if one of these is not sound.
 */
export async function keepNar(keeper: Keeper, { nar, packs }: NarWithPacks): Promise<number> {
  const known = (await findNars(keeper, [nar.fileHash])).at(0)
  if (known?.isDamaged === 0) return known.id
  if (known !== undefined) {
    await mendNar(keeper, known.id, nar)
    await usePacks(keeper, [{ id: known.id, packs }])
    return known.id
  }
  const inserted = await insertNars(keeper, [{ nar, packs }])
  return idOf(inserted, nar.fileHash)
}

export function findNars({ db, flavour }: Keeper, fileHashes: readonly string[]) {
  return db
    .selectFrom('nars')
    .select(['id', 'file_hash as fileHash', 'is_damaged as isDamaged'])
    .where('file_hash', 'in', textList(flavour, fileHashes))
    .execute()
}

/** Records NARs none of which is known, each given once. Their ids, by file hash. Throws `damaged` as `keepNar` does. */
export async function insertNars(
  keeper: Keeper,
  nars: readonly NarWithPacks[],
): Promise<ReadonlyMap<string, number>> {
  const { db } = keeper
  const listed = nars.map(({ nar }) => ({ nar, listing: hashListing(nar.listing) }))
  const listings = new Map(listed.map(({ nar, listing }) => [listing, nar.listing]))
  const listingIds = await keepListings(keeper, listings)
  const rows = listed.map(({ nar, listing }) => narRow(nar, idOf(listingIds, listing)))
  const inserted = await inSlices(rows, (slice) =>
    db.insertInto('nars').values(slice).returning(['id', 'file_hash']).execute(),
  )
  const ids = new Map(inserted.map((row) => [row.file_hash, row.id]))
  const withIds = nars.map(({ nar, packs }) => ({ ...nar, id: idOf(ids, nar.fileHash), packs }))
  await writeDebugFiles(keeper, withIds)
  await usePacks(keeper, withIds)
  return ids
}

function narRow(nar: Nar, listingId: number) {
  return {
    file_hash: nar.fileHash,
    file_size: nar.fileSize,
    nar_hash: nar.narHash,
    nar_size: nar.narSize,
    created_at: Date.now(),
    is_damaged: 0,
    listing_id: listingId,
    listing_hashes: nar.listing.hashes.join(''),
    recipe: nar.recipe,
  }
}

async function writeDebugFiles(
  { db, flavour }: Keeper,
  nars: readonly (Pick<Nar, 'buildIds'> & { readonly id: number })[],
): Promise<void> {
  const files = nars.flatMap(({ id, buildIds }) => buildIds.map((buildId) => [id, buildId] as const))
  if (files.length === 0) return
  await sql`insert into debug_files (nar_id, build_id) select id, other from ${pairList(flavour, files)}`.execute(
    db,
  )
}

async function mendNar({ db }: Keeper, id: number, nar: Nar): Promise<void> {
  const { fileSize, narHash, narSize, recipe } = nar
  await db
    .updateTable('nars')
    .set({ file_size: fileSize, nar_hash: narHash, nar_size: narSize, recipe, is_damaged: 0 })
    .where('id', '=', id)
    .execute()
  await db.deleteFrom('nar_packs').where('nar_id', '=', id).execute()
}

async function usePacks(
  { db, flavour }: Keeper,
  nars: readonly { readonly id: number; readonly packs: readonly string[] }[],
): Promise<void> {
  const names = new Set(nars.flatMap(({ packs }) => packs))
  await db
    .updateTable('packs')
    .set({ unneeded_since: null })
    .where('unneeded_since', 'is not', null)
    .where('name', 'in', textList(flavour, [...names]))
    .execute()
  const uses = nars.flatMap(({ id, packs }) => [...new Set(packs)].map((name) => [id, name] as const))
  const { numAffectedRows } = await sql`insert into nar_packs (nar_id, pack_id)
    select pairs.id, packs.id from ${pairList(flavour, uses)} join packs on packs.name = pairs.other
    where packs.damaged_at is null`.execute(db)
  if (numAffectedRows === BigInt(uses.length)) return
  throw new CacheError('damaged', 'What was stored of this push was damaged just now: push again to mend it.')
}

function hashListing({ template }: StoredListing): string {
  return createHash('sha256').update(template).digest('hex')
}

/** Ids by hash, of listings by hash. */
async function keepListings(
  { db, flavour }: Keeper,
  listings: ReadonlyMap<string, StoredListing>,
): Promise<ReadonlyMap<string, number>> {
  const known = await db
    .selectFrom('listings')
    .select(['id', 'hash'])
    .where('hash', 'in', textList(flavour, [...listings.keys()]))
    .execute()
  const ids = new Map(known.map(({ hash, id }) => [hash, id]))
  const rows = [...listings].flatMap(([hash, { template }]) => (ids.has(hash) ? [] : [{ hash, template }]))
  const inserted = await inSlices(rows, (slice) =>
    db.insertInto('listings').values(slice).returning(['id', 'hash']).execute(),
  )
  for (const { hash, id } of inserted) ids.set(hash, id)
  return ids
}
