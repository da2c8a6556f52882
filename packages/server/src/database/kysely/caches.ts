import type { Kysely } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type { Cache, CacheTable, NewCache } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import { removeCache } from './remove-cache.ts'
import type { Schema } from './schema.ts'
import { insertKey } from './signing-keys.ts'
import type { SqlBackend } from './sql-backend.ts'
import { insertUpstream } from './upstreams.ts'

export function createCacheTable(backend: SqlBackend): CacheTable {
  const { db } = backend
  const find = prepareQuery(backend, (name: string) => selectCaches(db).where('caches.name', '=', name))
  return {
    create: (cache) => db.transaction().execute((transaction) => createCache(transaction, cache)),

    async find(name) {
      const row = await find(name)
      return row && toCache(row)
    },

    async list(accountId) {
      const ofAccount = selectCaches(db).where('caches.account_id', '=', accountId)
      const rows = await ofAccount.orderBy('caches.name').execute()
      return rows.map(toCache)
    },

    async setPublic(cacheId, isPublic) {
      const change = { is_public: Number(isPublic) }
      await db.updateTable('caches').set(change).where('id', '=', cacheId).execute()
    },

    remove: (cacheId) =>
      db.transaction().execute(async (transaction) => {
        await backend.flavour.takeTurns.execute(transaction)
        await removeCache(transaction, cacheId)
      }),
  }
}

async function createCache(db: Kysely<Schema>, cache: NewCache): Promise<Cache> {
  const created = await db
    .insertInto('caches')
    .values({
      account_id: cache.accountId,
      name: cache.name,
      is_public: Number(cache.isPublic),
      store_dir: cache.storeDir,
      priority: cache.priority,
      created_at: Date.now(),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!created) throw new CacheError('name-taken', `The cache name ${cache.name} is taken: choose another.`)
  if (cache.key) await insertKey(db, created.id, cache.key)
  for (const upstream of cache.upstreams ?? []) await insertUpstream(db, created.id, upstream)
  return toCache(await selectCaches(db).where('caches.id', '=', created.id).executeTakeFirstOrThrow())
}

function selectCaches(db: Kysely<Schema>) {
  return db
    .selectFrom('caches')
    .innerJoin('accounts', 'accounts.id', 'caches.account_id')
    .select([
      'caches.id',
      'caches.name',
      'caches.account_id as accountId',
      'accounts.name as accountName',
      'caches.is_public as isPublic',
      'caches.store_dir as storeDir',
      'caches.priority',
      'caches.created_at as createdAt',
    ])
}

type CacheRow = Awaited<ReturnType<ReturnType<typeof selectCaches>['executeTakeFirstOrThrow']>>

function toCache(row: CacheRow): Cache {
  return { ...row, isPublic: row.isPublic === 1 }
}
