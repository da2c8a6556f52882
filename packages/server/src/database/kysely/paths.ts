import { sql } from 'kysely'
import type { FoundPath, PathTable, PublishResult } from '../cache-database.ts'
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
      .innerJoin('listings', 'listings.id', 'nars.listing_id')
      .select(['listings.template', 'nars.listing_hashes as hashes'])
      .where('nars.is_damaged', '=', sql.lit(0))
      .where('paths.cache_id', '=', cacheId)
      .where('paths.store_hash', '=', storeHash),
  )
  return {
    publish: (cacheId, paths) =>
      db.transaction().execute(async (transaction) => {
        await flavour.takeTurns.execute(transaction)
        const results: PublishResult[] = []
        for (const path of paths) {
          const references = [...new Set(path.references)].toSorted()
          results.push(
            await publishPath({ db: transaction, flavour, cacheId, path: { ...path, references } }),
          )
        }
        return results
      }),

    async find(cacheId, storeHash) {
      const row = await find(cacheId, storeHash)
      return row && toPublishedPath(row)
    },

    async findByCacheName(cacheName, storeHash): Promise<FoundPath | undefined> {
      const row = await findByCacheName(cacheName, storeHash)
      return row && { isPublic: row.isPublic === 1, path: toPublishedPath(row) }
    },

    async listing(cacheId, storeHash) {
      const row = await findListing(cacheId, storeHash)
      return row && { template: row.template, hashes: row.hashes.match(/.{32}/g) ?? [] }
    },

    async missing(cacheId, storeHashes) {
      const rows = await db
        .selectFrom('paths')
        .innerJoin('nars', 'nars.id', 'paths.nar_id')
        .select('store_hash')
        .where('nars.is_damaged', '=', 0)
        .where('cache_id', '=', cacheId)
        .where('store_hash', 'in', textList(flavour, storeHashes))
        .execute()
      const visible = new Set(rows.map((row) => row.store_hash))
      return storeHashes.filter((storeHash) => !visible.has(storeHash))
    },
  }
}
