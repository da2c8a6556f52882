import { sql, type Kysely } from 'kysely'
import type { PublishedPath } from '../cache-database.ts'
import type { Schema } from './schema.ts'

/** A query for what `toPublishedPath` takes, of visible paths. */
export function selectPaths(db: Kysely<Schema>) {
  return db
    .selectFrom('caches')
    .innerJoin('paths', 'paths.cache_id', 'caches.id')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .where('nars.is_damaged', '=', sql.lit(0))
    .select([
      'caches.id as cacheId',
      'caches.store_dir as storeDir',
      'paths.store_hash as storeHash',
      'paths.store_name as storeName',
      'nars.file_hash as fileHash',
      'nars.file_size as fileSize',
      'nars.nar_hash as narHash',
      'nars.nar_size as narSize',
      'paths.reference_names as references',
      'paths.deriver',
      'paths.signatures',
      'paths.ca',
    ])
}

type SelectedPath = Awaited<ReturnType<ReturnType<typeof selectPaths>['executeTakeFirstOrThrow']>>

export function toPublishedPath(row: SelectedPath): PublishedPath {
  return {
    cacheId: row.cacheId,
    storeDir: row.storeDir,
    storeHash: row.storeHash,
    storeName: row.storeName,
    fileHash: row.fileHash,
    fileSize: row.fileSize,
    narHash: row.narHash,
    narSize: row.narSize,
    references: JSON.parse(row.references) as string[],
    deriver: row.deriver ?? undefined,
    signatures: JSON.parse(row.signatures) as string[],
    ca: row.ca ?? undefined,
  }
}
