import { sql, type Kysely } from 'kysely'
import type { Nar, NarTable, PublishedNar } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import { recordNar } from './record-nar.ts'
import type { Schema } from './schema.ts'
import { selectNars } from './select-nars.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createNarTable(backend: SqlBackend): NarTable {
  const { db, flavour } = backend
  const findPublished = prepareQuery(backend, (cacheName: string, fileHash: string) =>
    selectPublished(db).where('caches.name', '=', cacheName).where('nars.file_hash', '=', fileHash),
  )
  const findPack = prepareQuery(backend, (name: string) =>
    db.selectFrom('packs').select('id').where('name', '=', name),
  )
  const findSent = prepareQuery(backend, (cacheId: number, fileHash: string) =>
    selectNars(db)
      .innerJoin('sent_nars', 'sent_nars.nar_id', 'nars.id')
      .where('sent_nars.cache_id', '=', cacheId)
      .where('nars.file_hash', '=', fileHash),
  )
  return {
    record: (cacheId, nar, packs) =>
      db.transaction().execute((transaction) => recordNar({ db: transaction, flavour, cacheId, nar, packs })),

    async findSent(cacheId, fileHash): Promise<Nar | undefined> {
      const row = await findSent(cacheId, fileHash)
      return row && { ...row }
    },

    async findPublished(cacheName, fileHash): Promise<PublishedNar | undefined> {
      const row = await findPublished(cacheName, fileHash)
      return row && { ...row, isPublic: row.isPublic === 1 }
    },

    async hasPack(name) {
      return (await findPack(name)) !== undefined
    },
  }
}

/** Several paths of a cache may have one NAR: any of them makes it readable. */
function selectPublished(db: Kysely<Schema>) {
  return db
    .selectFrom('caches')
    .innerJoin('paths', 'paths.cache_id', 'caches.id')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select([
      'caches.is_public as isPublic',
      'caches.id as cacheId',
      'nars.file_size as fileSize',
      'nars.recipe',
    ])
    .limit(sql.lit(1))
}
