import { sql, type Transaction } from 'kysely'
import type { NewPath } from '../cache-database.ts'
import { pairList } from './pair-list.ts'
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
export interface FoundReferences {
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
  const ids = await findVisible({ db, flavour, cacheId }, wanted)
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

/** Ids of the visible paths among these, by base name. */
export async function findVisible(
  { db, flavour, cacheId }: Publisher,
  baseNames: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (baseNames.length === 0) return new Map()
  const rows = await db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select(['paths.id', sql<string>`store_hash || '-' || store_name`.as('baseName')])
    .where('cache_id', '=', cacheId)
    .where('store_hash', 'in', textList(flavour, baseNames.map(storeHashOf)))
    .where('nars.is_damaged', '=', 0)
    .execute()
  return new Map(rows.map((row) => [row.baseName, row.id]))
}

/** Ids of what upstreams are known to have of these, by base name. */
export async function findInUpstreams(
  { db, flavour, cacheId }: Publisher,
  baseNames: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (baseNames.length === 0) return new Map()
  const rows = await db
    .selectFrom('upstream_paths')
    .select(['id', sql<string>`store_hash || '-' || store_name`.as('baseName')])
    .where('cache_id', '=', cacheId)
    .where('store_hash', 'in', textList(flavour, baseNames.map(storeHashOf)))
    .execute()
  return new Map(rows.map((row) => [row.baseName, row.id]))
}

function storeHashOf(baseName: string): string {
  return baseName.slice(0, baseName.indexOf('-'))
}

export interface Referring {
  readonly pathId: number
  readonly found: FoundReferences
}

export async function writeReferences(
  { db, flavour }: Publisher,
  paths: readonly Referring[],
): Promise<void> {
  const inCache = paths.flatMap(({ pathId, found }) => found.inCache.map((id) => [pathId, id] as const))
  if (inCache.length > 0) {
    await sql`insert into path_references (path_id, reference_id)
      select id, cast(other as bigint) from ${pairList(flavour, inCache)}`.execute(db)
  }
  const upstream = paths.flatMap(({ pathId, found }) => found.inUpstreams.map((id) => [pathId, id] as const))
  if (upstream.length > 0) {
    await sql`insert into upstream_references (path_id, upstream_path_id)
      select id, cast(other as bigint) from ${pairList(flavour, upstream)}`.execute(db)
  }
}
