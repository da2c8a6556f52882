import { sql, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** `CacheTable.remove`, within a transaction that no publisher is in at the same time. */
export async function removeCache(db: Transaction<Schema>, cacheId: number): Promise<void> {
  await db.deleteFrom('pins').where('cache_id', '=', cacheId).execute()
  const ofCache = sql<boolean>`path_id in (select id from paths where cache_id = ${cacheId})`
  await db.deleteFrom('path_references').where(ofCache).execute()
  await db.deleteFrom('paths').where('cache_id', '=', cacheId).execute()
  await db.deleteFrom('upstream_paths').where('cache_id', '=', cacheId).execute()
  // Everything else that is about the cache goes with it.
  await db.deleteFrom('caches').where('id', '=', cacheId).execute()
}
