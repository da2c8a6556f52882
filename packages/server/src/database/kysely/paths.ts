import type { FoundPath, PathTable } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import { publishPath } from './publish-path.ts'
import { selectPaths, toPublishedPath } from './select-paths.ts'
import type { SqlBackend } from './sql-backend.ts'
import { textList } from './text-list.ts'

export function createPathTable(backend: SqlBackend): PathTable {
  const { db, flavour } = backend
  const find = prepareQuery(backend, (cacheId: number, storeHash: string) =>
    selectPaths(db).where('caches.id', '=', cacheId).where('paths.store_hash', '=', storeHash),
  )
  const findByCacheName = prepareQuery(backend, (cacheName: string, storeHash: string) =>
    selectPaths(db)
      .select('caches.is_public as isPublic')
      .where('caches.name', '=', cacheName)
      .where('paths.store_hash', '=', storeHash),
  )
  const findListing = prepareQuery(backend, (cacheId: number, storeHash: string) =>
    db
      .selectFrom('paths')
      .innerJoin('nars', 'nars.id', 'paths.nar_id')
      .select('nars.listing')
      .where('paths.cache_id', '=', cacheId)
      .where('paths.store_hash', '=', storeHash),
  )
  return {
    publish(path) {
      const references = [...new Set(path.references)].toSorted()
      return db
        .transaction()
        .execute((transaction) => publishPath({ db: transaction, flavour, path: { ...path, references } }))
    },

    async find(cacheId, storeHash) {
      const row = await find(cacheId, storeHash)
      return row && toPublishedPath(row)
    },

    async findByCacheName(cacheName, storeHash): Promise<FoundPath | undefined> {
      const row = await findByCacheName(cacheName, storeHash)
      return row && { isPublic: row.isPublic === 1, path: toPublishedPath(row) }
    },

    async listing(cacheId, storeHash) {
      return (await findListing(cacheId, storeHash))?.listing
    },

    async missing(cacheId, storeHashes) {
      const rows = await db
        .selectFrom('paths')
        .select('store_hash')
        .where('cache_id', '=', cacheId)
        .where('store_hash', 'in', textList(flavour, storeHashes))
        .execute()
      const visible = new Set(rows.map((row) => row.store_hash))
      return storeHashes.filter((storeHash) => !visible.has(storeHash))
    },
  }
}
