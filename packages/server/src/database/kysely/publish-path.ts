import { sql, type Transaction } from 'kysely'
import type { NewPath, PublishResult } from '../cache-database.ts'
import { keepNar } from './keep-nar.ts'
import type { Schema } from './schema.ts'
import { mergeSignatures } from './signatures.ts'
import type { SqlFlavour } from './sql-backend.ts'
import { textList } from './text-list.ts'

interface Publication {
  readonly db: Transaction<Schema>
  readonly flavour: SqlFlavour
  readonly cacheId: number
  /** Its references are in byte order, each once. */
  readonly path: NewPath
}

interface KnownPath {
  readonly id: number
  readonly storeName: string
  readonly narHash: string
  readonly isDamaged: number
  readonly referenceNames: string
  readonly signatures: string
}

/** `PathTable.publish` of one path, within a transaction that no other publisher is in at the same time. */
export async function publishPath(publication: Publication): Promise<PublishResult> {
  const known = await findKnown(publication)
  if (known?.isDamaged === 0) return publishAgain(publication, known)

  const references = await findReferences(publication)
  if (references.missing.length > 0) return { outcome: 'missing-references', references: references.missing }

  const narId = await keepNar({ ...publication, ...publication.path })
  const pathId = await writePath(publication, narId, known)
  await writeReferences(publication, pathId, references.found)
  await writeUpstreamReferences(publication, pathId, references.upstream)
  return { outcome: 'published' }
}

function findKnown({ db, cacheId, path }: Publication): Promise<KnownPath | undefined> {
  return db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select([
      'paths.id',
      'paths.store_name as storeName',
      'nars.nar_hash as narHash',
      'nars.is_damaged as isDamaged',
      'paths.reference_names as referenceNames',
      'paths.signatures',
    ])
    .where('paths.cache_id', '=', cacheId)
    .where('paths.store_hash', '=', path.storeHash)
    .executeTakeFirst()
}

async function publishAgain({ db, path }: Publication, visible: KnownPath): Promise<PublishResult> {
  const isSame = visible.narHash === path.nar.narHash && visible.storeName === path.storeName
  if (!isSame) return { outcome: 'conflict', narHash: visible.narHash }
  // Signatures cover the references: those made for others would not verify.
  if (visible.referenceNames === JSON.stringify(path.references)) {
    await mergeSignatures(db, visible, path.signatures)
  }
  return { outcome: 'already-there' }
}

async function findReferences({ db, flavour, cacheId, path }: Publication) {
  const wanted = path.references.filter((name) => name !== `${path.storeHash}-${path.storeName}`)
  if (wanted.length === 0) return { missing: [], found: [], upstream: [] }
  const storeHashes = wanted.map((name) => name.slice(0, name.indexOf('-')))
  const rows = await db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select(['paths.id', sql<string>`store_hash || '-' || store_name`.as('baseName')])
    .where('cache_id', '=', cacheId)
    .where('store_hash', 'in', textList(flavour, storeHashes))
    .where('nars.is_damaged', '=', 0)
    .execute()
  const ids = new Map(rows.map((row) => [row.baseName, row.id]))
  const absent = wanted.filter((name) => !ids.has(name))
  const upstreamIds = await findInUpstreams({ db, flavour, cacheId, path }, absent)
  return {
    missing: absent.filter((name) => !upstreamIds.has(name)),
    found: wanted.flatMap((name) => ids.get(name) ?? []),
    upstream: [...upstreamIds.values()],
  }
}

/** By base name, those that an upstream is known to have. */
async function findInUpstreams(
  { db, flavour, cacheId }: Publication,
  baseNames: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (baseNames.length === 0) return new Map()
  const storeHashes = baseNames.map((name) => name.slice(0, name.indexOf('-')))
  const rows = await db
    .selectFrom('upstream_paths')
    .select(['id', sql<string>`store_hash || '-' || store_name`.as('baseName')])
    .where('cache_id', '=', cacheId)
    .where('store_hash', 'in', textList(flavour, storeHashes))
    .execute()
  const wanted = new Set(baseNames)
  return new Map(rows.filter((row) => wanted.has(row.baseName)).map((row) => [row.baseName, row.id]))
}

/** In place of a damaged one, if there is one. */
async function writePath(
  { db, cacheId, path }: Publication,
  narId: number,
  damaged: KnownPath | undefined,
): Promise<number> {
  const row = {
    cache_id: cacheId,
    store_hash: path.storeHash,
    store_name: path.storeName,
    nar_id: narId,
    reference_names: JSON.stringify(path.references),
    deriver: path.deriver ?? null,
    signatures: JSON.stringify([...new Set(path.signatures)]),
    ca: path.ca ?? null,
    published_at: Date.now(),
  }
  if (damaged !== undefined) {
    await db.updateTable('paths').set(row).where('id', '=', damaged.id).execute()
    await db.deleteFrom('path_references').where('path_id', '=', damaged.id).execute()
    await db.deleteFrom('upstream_references').where('path_id', '=', damaged.id).execute()
    return damaged.id
  }
  const { id } = await db.insertInto('paths').values(row).returning('id').executeTakeFirstOrThrow()
  return id
}

async function writeReferences(
  { db, flavour }: Publication,
  pathId: number,
  referenceIds: readonly number[],
): Promise<void> {
  if (referenceIds.length === 0) return
  const edges = sql`select cast(${pathId} as bigint), cast(value as bigint)
    from ${flavour.rowsOfJson}(${JSON.stringify(referenceIds)})`
  await sql`insert into path_references (path_id, reference_id) ${edges}`.execute(db)
}

async function writeUpstreamReferences(
  { db }: Publication,
  pathId: number,
  upstreamIds: readonly number[],
): Promise<void> {
  if (upstreamIds.length === 0) return
  const edges = upstreamIds.map((id) => ({ path_id: pathId, upstream_path_id: id }))
  await db.insertInto('upstream_references').values(edges).execute()
}
