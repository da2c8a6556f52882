import { sql, type Transaction } from 'kysely'
import type { NewPath } from '../cache-database.ts'
import type { Schema } from './schema.ts'
import type { SqlFlavour } from './sql-backend.ts'
import { textList } from './text-list.ts'

/** Somebody who makes paths visible, within a transaction that no other publisher is in at the same time. */
export interface Publisher {
  readonly db: Transaction<Schema>
  readonly flavour: SqlFlavour
  readonly cacheId: number
}

type Referrer = Pick<NewPath, 'storeHash' | 'storeName' | 'references'>

/** Ids of what a path refers to. */
interface FoundReferences {
  readonly inCache: readonly number[]
  /** What only an upstream has. */
  readonly inUpstreams: readonly number[]
}

/**
 * The base names of references that are neither visible nor known to be in an upstream, and the ids of those that are;
 * without a path's reference to itself.
 */
export async function findReferences(
  { db, flavour, cacheId }: Publisher,
  { storeHash, storeName, references }: Referrer,
): Promise<{ readonly missing: readonly string[]; readonly found: FoundReferences }> {
  const wanted = references.filter((name) => name !== `${storeHash}-${storeName}`)
  if (wanted.length === 0) return { missing: [], found: { inCache: [], inUpstreams: [] } }
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
  const upstreamIds = await findInUpstreams({ db, flavour, cacheId }, absent)
  return {
    missing: absent.filter((name) => !upstreamIds.has(name)),
    found: {
      inCache: wanted.flatMap((name) => ids.get(name) ?? []),
      inUpstreams: absent.flatMap((name) => upstreamIds.get(name) ?? []),
    },
  }
}

/** Ids by base name. */
async function findInUpstreams(
  { db, flavour, cacheId }: Publisher,
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
  return new Map(rows.map((row) => [row.baseName, row.id]))
}

export async function writeReferences(
  publisher: Publisher,
  pathId: number,
  { inCache, inUpstreams }: FoundReferences,
): Promise<void> {
  if (inCache.length > 0) {
    const edges = edgesOf(publisher, pathId, inCache)
    await sql`insert into path_references (path_id, reference_id) ${edges}`.execute(publisher.db)
  }
  if (inUpstreams.length > 0) {
    const edges = edgesOf(publisher, pathId, inUpstreams)
    await sql`insert into upstream_references (path_id, upstream_path_id) ${edges}`.execute(publisher.db)
  }
}

function edgesOf({ flavour }: Publisher, pathId: number, referenceIds: readonly number[]) {
  return sql`select cast(${pathId} as bigint), cast(value as bigint)
    from ${flavour.rowsOfJson}(${JSON.stringify(referenceIds)})`
}
