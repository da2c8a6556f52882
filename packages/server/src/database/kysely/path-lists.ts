import { sql } from 'kysely'
import type { Page } from '../upkeep-table.ts'
import type { SqlBackend } from './sql-backend.ts'

/** `PathTable.list`. */
export async function listNames({ db }: SqlBackend, cacheId: number, page: Page): Promise<string[]> {
  const rows = await db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select(sql<string>`store_hash || '-' || store_name`.as('name'))
    .where('nars.is_damaged', '=', 0)
    .where('cache_id', '=', cacheId)
    .where('store_hash', '>', page.after)
    .orderBy('store_hash')
    .limit(page.limit)
    .execute()
  return rows.map((row) => row.name)
}

/** `PathTable.fileBytes`. */
export async function sumFileBytes({ db }: SqlBackend, cacheId: number): Promise<number> {
  const { bytes } = await db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select(sql<number>`cast(coalesce(sum(nars.file_size), 0) as bigint)`.as('bytes'))
    .where('nars.is_damaged', '=', 0)
    .where('cache_id', '=', cacheId)
    .executeTakeFirstOrThrow()
  return bytes
}
