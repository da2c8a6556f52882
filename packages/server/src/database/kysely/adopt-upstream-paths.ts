import { sql } from 'kysely'
import type { Publisher } from './path-references.ts'
import { textList } from './text-list.ts'

/** What refers to a path that only an upstream had, and that the cache has by now, refers to the cache's from now on. */
export async function adoptUpstreamPaths(
  { db, flavour, cacheId }: Publisher,
  storeHashes: readonly string[],
): Promise<void> {
  const rows = await db
    .selectFrom('upstream_paths')
    .innerJoin('paths', (join) =>
      join
        .onRef('paths.store_hash', '=', 'upstream_paths.store_hash')
        .onRef('paths.store_name', '=', 'upstream_paths.store_name')
        .onRef('paths.cache_id', '=', 'upstream_paths.cache_id'),
    )
    .select(['upstream_paths.id as upstreamPathId', 'paths.id as pathId'])
    .where('upstream_paths.cache_id', '=', cacheId)
    .where('upstream_paths.store_hash', 'in', textList(flavour, storeHashes))
    .execute()
  for (const { upstreamPathId, pathId } of rows) {
    await sql`insert into path_references (path_id, reference_id)
      select path_id, cast(${pathId} as bigint) from upstream_references
      where upstream_path_id = ${upstreamPathId}
      on conflict do nothing`.execute(db)
    await db.deleteFrom('upstream_references').where('upstream_path_id', '=', upstreamPathId).execute()
    await db.deleteFrom('upstream_paths').where('id', '=', upstreamPathId).execute()
  }
}
