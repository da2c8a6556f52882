import { sql, type Kysely, type Transaction } from 'kysely'
import type {
  DeclaredUpstream,
  RemovedUpstream,
  Upstream,
  UpstreamPath,
  UpstreamTable,
} from '../upstream-table.ts'
import { adoptUpstreamPaths } from './adopt-upstream-paths.ts'
import type { Publisher } from './path-references.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'
import { textList } from './text-list.ts'
import { isAnyWaiting, releaseWaiting } from './waiting-paths.ts'

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

    recordPaths: (cacheId, paths) =>
      db.transaction().execute(async (transaction) => {
        await flavour.takeTurns.execute(transaction)
        await recordPaths({ db: transaction, flavour, cacheId }, paths)
      }),

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

/** Paths that wait for these wait no longer. */
async function recordPaths(publisher: Publisher, paths: readonly UpstreamPath[]): Promise<void> {
  const { db, cacheId } = publisher
  const ids = new Set((await listUpstreams(db, cacheId)).map((upstream) => upstream.id))
  const known = paths.filter(({ upstreamId }) => ids.has(upstreamId))
  for (let start = 0; start < known.length; start += rowsAtOnce) {
    await db
      .insertInto('upstream_paths')
      .values(known.slice(start, start + rowsAtOnce).map((path) => rowOf(cacheId, path)))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  if (!(await isAnyWaiting(db, cacheId))) return
  const storeHashes = known.map((path) => path.storeHash)
  const visible = await releaseWaiting(publisher, storeHashes)
  if (visible.length > 0) await adoptUpstreamPaths(publisher, visible)
}

function rowOf(cacheId: number, { upstreamId, storeHash, storeName }: UpstreamPath) {
  return { cache_id: cacheId, upstream_id: upstreamId, store_hash: storeHash, store_name: storeName }
}
