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

/** The base names of references that are not visible, and the ids of those that are; without a path's reference to itself. */
export async function findReferences(
  { db, flavour, cacheId }: Publisher,
  { storeHash, storeName, references }: Referrer,
): Promise<{ readonly missing: readonly string[]; readonly found: readonly number[] }> {
  const wanted = references.filter((name) => name !== `${storeHash}-${storeName}`)
  if (wanted.length === 0) return { missing: [], found: [] }
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
  return {
    missing: wanted.filter((name) => !ids.has(name)),
    found: wanted.flatMap((name) => ids.get(name) ?? []),
  }
}

export async function writeReferences(
  { db, flavour }: Publisher,
  pathId: number,
  referenceIds: readonly number[],
): Promise<void> {
  if (referenceIds.length === 0) return
  const edges = sql`select cast(${pathId} as bigint), cast(value as bigint)
    from ${flavour.rowsOfJson}(${JSON.stringify(referenceIds)})`
  await sql`insert into path_references (path_id, reference_id) ${edges}`.execute(db)
}
