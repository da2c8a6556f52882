import { sql, type Kysely } from 'kysely'
import type { NarTable, PublishedNar } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createNarTable(backend: SqlBackend): NarTable {
  const findPublished = prepareQuery(backend, (cacheName: string, fileHash: string) =>
    selectPublished(backend.db).where('caches.name', '=', cacheName).where('nars.file_hash', '=', fileHash),
  )
  const findDebugFile = prepareQuery(backend, (cacheName: string, buildId: string) =>
    selectDebugFiles(backend.db)
      .where('caches.name', '=', cacheName)
      .where('debug_files.build_id', '=', buildId),
  )
  return {
    async findPublished(cacheName, fileHash): Promise<PublishedNar | undefined> {
      const row = await findPublished(cacheName, fileHash)
      return row && { ...row, isPublic: row.isPublic === 1 }
    },

    async findDebugFile(cacheName, buildId) {
      const row = await findDebugFile(cacheName, buildId)
      return row && { isPublic: row.isPublic === 1, fileHash: row.fileHash }
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

function selectDebugFiles(db: Kysely<Schema>) {
  return db
    .selectFrom('debug_files')
    .innerJoin('nars', 'nars.id', 'debug_files.nar_id')
    .innerJoin('paths', 'paths.nar_id', 'nars.id')
    .innerJoin('caches', 'caches.id', 'paths.cache_id')
    .where('nars.is_damaged', '=', sql.lit(0))
    .select(['caches.is_public as isPublic', 'nars.file_hash as fileHash'])
    .limit(sql.lit(1))
}
