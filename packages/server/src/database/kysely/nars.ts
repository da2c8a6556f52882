import { sql, type Kysely } from 'kysely'
import type { NarTable, PublishedNar } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createNarTable(backend: SqlBackend): NarTable {
  const findPublished = prepareQuery(backend, (cacheName: string, fileHash: string) =>
    selectPublished(backend.db).where('caches.name', '=', cacheName).where('nars.file_hash', '=', fileHash),
  )
  return {
    async findPublished(cacheName, fileHash): Promise<PublishedNar | undefined> {
      const row = await findPublished(cacheName, fileHash)
      return row && { ...row, isPublic: row.isPublic === 1 }
    },
  }
}

/** Several paths of a cache may have one NAR: any of them makes it readable. */
function selectPublished(db: Kysely<Schema>) {
  return db
    .selectFrom('caches')
    .innerJoin('paths', 'paths.cache_id', 'caches.id')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .where('nars.is_damaged', '=', sql.lit(0))
    .select([
      'caches.is_public as isPublic',
      'caches.id as cacheId',
      'nars.file_size as fileSize',
      'nars.recipe',
    ])
    .limit(sql.lit(1))
}
