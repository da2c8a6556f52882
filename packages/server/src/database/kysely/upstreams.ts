import { sql, type Kysely, type Transaction } from 'kysely'
import type { DeclaredUpstream, RemovedUpstream, Upstream, UpstreamTable } from '../upstream-table.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'
import { textList } from './text-list.ts'

export function createUpstreamTable(backend: SqlBackend): UpstreamTable {
  const { db, flavour } = backend
  return {
    list: (cacheId) => listUpstreams(db, cacheId),
    add: (cacheId, upstream) => insertUpstream(db, cacheId, upstream),

    remove: (cacheId, url) =>
      db.transaction().execute(async (transaction) => {
        await flavour.takeTurns.execute(transaction)
        return removeUpstream(transaction, cacheId, url)
      }),

    async recordPaths(cacheId, paths) {
      const ids = new Set((await listUpstreams(db, cacheId)).map((upstream) => upstream.id))
      const rows = paths.filter(({ upstreamId }) => ids.has(upstreamId)).map((path) => rowOf(cacheId, path))
      for (let start = 0; start < rows.length; start += rowsAtOnce) {
        await db
          .insertInto('upstream_paths')
          .values(rows.slice(start, start + rowsAtOnce))
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
    },

    async known(cacheId, storeHashes) {
      const rows = await db
        .selectFrom('upstream_paths')
        .select('store_hash')
        .where('cache_id', '=', cacheId)
        .where('store_hash', 'in', textList(flavour, storeHashes))
        .execute()
      return new Set(rows.map((row) => row.store_hash))
    },
  }
}

/** Databases take some ten thousand parameters. */
const rowsAtOnce = 1000

/** Also for a cache that is being made. */
export async function insertUpstream(
  db: Kysely<Schema>,
  cacheId: number,
  { url, publicKeys }: Upstream,
): Promise<void> {
  const keys = JSON.stringify(publicKeys)
  await db
    .insertInto('upstreams')
    .values({ cache_id: cacheId, url, public_keys: keys, created_at: Date.now() })
    .onConflict((conflict) => conflict.columns(['cache_id', 'url']).doUpdateSet({ public_keys: keys }))
    .execute()
}

async function listUpstreams(db: Kysely<Schema>, cacheId: number): Promise<DeclaredUpstream[]> {
  const rows = await db
    .selectFrom('upstreams')
    .select(['id', 'url', 'public_keys as publicKeys'])
    .where('cache_id', '=', cacheId)
    .orderBy('id')
    .execute()
  return rows.map(({ id, url, publicKeys }) => ({ id, url, publicKeys: JSON.parse(publicKeys) as string[] }))
}

async function removeUpstream(
  db: Transaction<Schema>,
  cacheId: number,
  url: string,
): Promise<RemovedUpstream> {
  const upstream = (await listUpstreams(db, cacheId)).find((each) => each.url === url)
  if (upstream === undefined) return { outcome: 'absent' }
  await db
    .deleteFrom('upstream_paths')
    .where('upstream_id', '=', upstream.id)
    .where(
      sql<boolean>`not exists (select 1 from upstream_references where upstream_path_id = upstream_paths.id)`,
    )
    .execute()
  const { count } = await db
    .selectFrom('upstream_paths')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('upstream_id', '=', upstream.id)
    .executeTakeFirstOrThrow()
  if (count > 0) return { outcome: 'in-use', paths: count }
  await db.deleteFrom('upstreams').where('id', '=', upstream.id).execute()
  return { outcome: 'removed' }
}

function rowOf(cacheId: number, path: Parameters<UpstreamTable['recordPaths']>[1][number]) {
  return {
    cache_id: cacheId,
    upstream_id: path.upstreamId,
    store_hash: path.storeHash,
    store_name: path.storeName,
  }
}
