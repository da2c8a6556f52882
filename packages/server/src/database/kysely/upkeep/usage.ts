import { sql, type Kysely } from 'kysely'
import type { CacheUsage, DamagedPath, Usage } from '../../upkeep-table.ts'
import { toPlain } from './to-plain.ts'
import type { Schema } from '../schema.ts'
import type { SqlBackend } from '../sql-backend.ts'

/** `UpkeepTable.usage`. */
export async function selectUsage({ db, flavour }: SqlBackend): Promise<Usage> {
  const { rows } = await sql<Omit<Usage, 'caches'>>`select
      count(*) as packs,
      ${sum('size')} as "packBytes",
      ${sum('case when unneeded_since is null then 0 else size end')} as "unneededBytes",
      ${flavour.databaseSize} as "databaseBytes"
    from packs`.execute(db)
  const [totals] = rows
  if (totals === undefined) throw new Error('Sums are always there.')
  return { ...totals, caches: await selectCaches(db) }
}

async function selectCaches(db: Kysely<Schema>): Promise<CacheUsage[]> {
  const { rows } = await sql<CacheUsage>`select caches.name,
      count(paths.id) as "paths",
      ${sum('nars.nar_size')} as "narBytes",
      ${sum('nars.file_size')} as "fileBytes",
      (select ${sum('chunks.frame_length')} from cache_chunks
        join chunks on chunks.id = cache_chunks.chunk_id
        where cache_chunks.cache_id = caches.id) as "heldBytes"
    from caches
      left join paths on paths.cache_id = caches.id
      left join nars on nars.id = paths.nar_id
    group by caches.id, caches.name
    order by caches.name`.execute(db)
  return rows.map(toPlain)
}

/** As a number of 64 bits on PostgreSQL too. */
function sum(expression: string) {
  return sql`cast(coalesce(sum(${sql.raw(expression)}), 0) as bigint)`
}

/** `UpkeepTable.damagedPaths`. */
export async function selectDamagedPaths(db: Kysely<Schema>): Promise<DamagedPath[]> {
  const rows = await db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .innerJoin('caches', 'caches.id', 'paths.cache_id')
    .select([
      'caches.name as cacheName',
      sql<string>`caches.store_dir || '/' || paths.store_hash || '-' || paths.store_name`.as('storePath'),
    ])
    .where('nars.is_damaged', '=', 1)
    .orderBy('caches.name')
    .orderBy('paths.store_hash')
    .execute()
  return rows.map(toPlain)
}
