import { sql, type Transaction } from 'kysely'
import type { NewPath, PublishResult } from '../cache-database.ts'
import type { Schema } from './schema.ts'
import type { SqlFlavour } from './sql-backend.ts'
import { textList } from './text-list.ts'

interface Publication {
  readonly db: Transaction<Schema>
  readonly flavour: SqlFlavour
  /** Its references are in byte order, each once. */
  readonly path: NewPath
}

interface VisiblePath {
  readonly id: number
  readonly storeName: string
  readonly narHash: string
  readonly referenceNames: string
}

/** `PathTable.publish`, within a transaction. */
export async function publishPath(publication: Publication): Promise<PublishResult> {
  const nar = await findNar(publication)
  const visible = await findVisible(publication)
  if (visible) return publishAgain(publication, visible, nar.narHash)

  const references = await findReferences(publication)
  if (references.missing.length > 0) return { outcome: 'missing-references', references: references.missing }

  const pathId = await insertPath(publication, nar.id)
  // Another publisher was first and has committed since: its path is visible now.
  if (pathId === undefined) return publishPath(publication)
  await insertReferences(publication, pathId, references.found)
  return { outcome: 'published' }
}

async function findNar({ db, path }: Publication): Promise<{ id: number; narHash: string }> {
  const nar = await db
    .selectFrom('nars')
    .innerJoin('sent_nars', 'sent_nars.nar_id', 'nars.id')
    .select(['nars.id', 'nars.nar_hash as narHash'])
    .where('nars.file_hash', '=', path.fileHash)
    .where('sent_nars.cache_id', '=', path.cacheId)
    .executeTakeFirst()
  if (!nar) throw new Error(`NAR ${path.fileHash} was never recorded for cache ${path.cacheId}.`)
  return nar
}

function findVisible({ db, path }: Publication): Promise<VisiblePath | undefined> {
  return db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select([
      'paths.id',
      'paths.store_name as storeName',
      'nars.nar_hash as narHash',
      'paths.reference_names as referenceNames',
    ])
    .where('paths.cache_id', '=', path.cacheId)
    .where('paths.store_hash', '=', path.storeHash)
    .executeTakeFirst()
}

async function publishAgain(
  { db, path }: Publication,
  visible: VisiblePath,
  narHash: string,
): Promise<PublishResult> {
  const isSame = visible.narHash === narHash && visible.storeName === path.storeName
  if (!isSame) return { outcome: 'conflict', narHash: visible.narHash }
  // Signatures cover the references: those made for others would not verify.
  if (visible.referenceNames === JSON.stringify(path.references)) {
    await addSignatures(db, visible.id, path.signatures)
  }
  return { outcome: 'already-there' }
}

async function addSignatures(
  db: Transaction<Schema>,
  pathId: number,
  offered: readonly string[],
): Promise<void> {
  // Writing the column back takes the row's lock, so that of two publishers neither loses the other's signatures.
  const { signatures } = await db
    .updateTable('paths')
    .set((column) => ({ signatures: column.ref('signatures') }))
    .where('id', '=', pathId)
    .returning('signatures')
    .executeTakeFirstOrThrow()
  const present = JSON.parse(signatures) as string[]
  const merged = new Set([...present, ...offered])
  if (merged.size === present.length) return
  await db
    .updateTable('paths')
    .set({ signatures: JSON.stringify([...merged]) })
    .where('id', '=', pathId)
    .execute()
}

async function findReferences({ db, flavour, path }: Publication) {
  const wanted = path.references.filter((name) => name !== `${path.storeHash}-${path.storeName}`)
  const storeHashes = wanted.map((name) => name.slice(0, name.indexOf('-')))
  const rows = await db
    .selectFrom('paths')
    .select(['id', sql<string>`store_hash || '-' || store_name`.as('baseName')])
    .where('cache_id', '=', path.cacheId)
    .where('store_hash', 'in', textList(flavour, storeHashes))
    .execute()
  const ids = new Map(rows.map((row) => [row.baseName, row.id]))
  return {
    missing: wanted.filter((name) => !ids.has(name)),
    found: wanted.flatMap((name) => ids.get(name) ?? []),
  }
}

/** Undefined when the path is there already. */
async function insertPath({ db, path }: Publication, narId: number): Promise<number | undefined> {
  const inserted = await db
    .insertInto('paths')
    .values({
      cache_id: path.cacheId,
      store_hash: path.storeHash,
      store_name: path.storeName,
      nar_id: narId,
      reference_names: JSON.stringify(path.references),
      deriver: path.deriver ?? null,
      signatures: JSON.stringify([...new Set(path.signatures)]),
      ca: path.ca ?? null,
      published_at: Date.now(),
    })
    .onConflict((conflict) => conflict.columns(['cache_id', 'store_hash']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

async function insertReferences(
  { db, flavour }: Publication,
  pathId: number,
  referenceIds: readonly number[],
): Promise<void> {
  const edges = sql`select cast(${pathId} as bigint), cast(value as bigint)
    from ${flavour.rowsOfJson}(${JSON.stringify(referenceIds)})`
  await sql`insert into path_references (path_id, reference_id) ${edges}`.execute(db)
}
