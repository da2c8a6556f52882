import type { ObjectTable } from '../object-table.ts'
import { prepareQuery } from './prepared-query.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createObjectTable(backend: SqlBackend): ObjectTable {
  const { db } = backend
  const find = prepareQuery(backend, (cacheName: string, name: string) =>
    db
      .selectFrom('cache_objects')
      .innerJoin('caches', 'caches.id', 'cache_objects.cache_id')
      .select(['caches.is_public as isPublic', 'cache_objects.content'])
      .where('caches.name', '=', cacheName)
      .where('cache_objects.name', '=', name),
  )
  return {
    async put(cacheId, name, content) {
      const stored = { content, stored_at: Date.now() }
      await db
        .insertInto('cache_objects')
        .values({ cache_id: cacheId, name, ...stored })
        .onConflict((conflict) => conflict.columns(['cache_id', 'name']).doUpdateSet(stored))
        .execute()
    },

    async find(cacheName, name) {
      const row = await find(cacheName, name)
      return row && { isPublic: row.isPublic === 1, content: row.content }
    },
  }
}
