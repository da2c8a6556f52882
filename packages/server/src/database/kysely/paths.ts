import { sql } from 'kysely'
import { andThen } from '../../at-once.ts'
import type { FoundPath, PathTable } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import { listNames, sumFileBytes } from './path-lists.ts'
import { publishPaths } from './publish-paths.ts'
import { selectPaths, toPublishedPath } from './select-paths.ts'
import type { SqlBackend } from './sql-backend.ts'
import { findWaiting } from './waiting-paths.ts'
import { textList } from './text-list.ts'

export function createPathTable(backend: SqlBackend): PathTable {
  const { db } = backend
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
    publish: (cacheId, paths, options = {}) => publishPaths(backend, { cacheId, paths, ...options }),
    missing: (cacheId, storeHashes) => findMissing(backend, cacheId, storeHashes),

    async find(cacheId, storeHash) {
      const row = await find(cacheId, storeHash)
      return row && toPublishedPath(row)
    },

    findByCacheName: (cacheName, storeHash) =>
      andThen(
        findByCacheName(cacheName, storeHash),
        (row): FoundPath | undefined => row && { isPublic: row.isPublic === 1, path: toPublishedPath(row) },
      ),

    list: (cacheId, page) => listNames(backend, cacheId, page),
    fileBytes: (cacheId) => sumFileBytes(backend, cacheId),

    findWaiting: (cacheId, storeHash) => findWaiting(db, cacheId, storeHash),

    async listing(cacheId, storeHash) {
      const row = await findListing(cacheId, storeHash)
      return row && { template: row.template, hashes: row.hashes.match(/.{32}/g) ?? [] }
    },
  }
}

async function findMissing(
  { db, flavour }: SqlBackend,
  cacheId: number,
  storeHashes: readonly string[],
): Promise<string[]> {
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
}
