import type { Kysely, Transaction } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type {
  NewSigningKey,
  Resealed,
  SealedSecret,
  SigningKey,
  SigningKeyTable,
} from '../signing-key-table.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createSigningKeyTable({ db }: SqlBackend): SigningKeyTable {
  return {
    list: (cacheId) => listKeys(db, cacheId),
    add: (cacheId, key) => insertKey(db, cacheId, key),

    addFirst: (cacheId, key) =>
      inTurn(db, cacheId, async (transaction) => {
        const keys = await listKeys(transaction, cacheId)
        if (keys.length > 0) throw new CacheError('key-exists', hasKey)
        await insertKey(transaction, cacheId, key)
      }),

    retire: (cacheId, name) =>
      inTurn(db, cacheId, async (transaction) => {
        const active = (await listKeys(transaction, cacheId)).filter((key) => key.retiredAt === undefined)
        if (!active.some((key) => key.name === name)) return false
        if (active.length === 1) throw new CacheError('conflict', lastKey)
        await setRetired(transaction, { cacheId, name, retiredAt: Date.now() })
        return true
      }),

    restore: (cacheId, name) => setRetired(db, { cacheId, name, retiredAt: null }),
    findSealed: () => findSealed(db),
    resealAll: (reseal) => db.transaction().execute((transaction) => resealAll(transaction, reseal)),
  }
}

const hasKey = 'This cache has a signing key already. `cachix key add` gives it another one.'
const lastKey = 'This is the only active signing key of the cache: add another one first.'

/** Also for a cache that is being made. Throws `key-exists`. */
export async function insertKey(db: Kysely<Schema>, cacheId: number, key: NewSigningKey): Promise<void> {
  const added = await db
    .insertInto('signing_keys')
    .values({
      cache_id: cacheId,
      name: key.name,
      public_key: key.publicKey,
      sealed_secret: key.sealedSecret ?? null,
      created_at: Date.now(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!added) throw new CacheError('key-exists', 'This cache has a signing key of this name, or this key.')
}

/** One at a time for each cache, also where transactions run side by side: all of them want this row. */
async function inTurn<Result>(
  db: Kysely<Schema>,
  cacheId: number,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('caches')
      .set((column) => ({ priority: column.ref('priority') }))
      .where('id', '=', cacheId)
      .execute()
    return work(transaction)
  })
}

async function listKeys(db: Kysely<Schema>, cacheId: number): Promise<SigningKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .select(['name', 'public_key', 'sealed_secret', 'created_at', 'retired_at'])
    .where('cache_id', '=', cacheId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    name: row.name,
    publicKey: row.public_key,
    sealedSecret: row.sealed_secret ?? undefined,
    createdAt: row.created_at,
    retiredAt: row.retired_at ?? undefined,
  }))
}

interface Retirement {
  readonly cacheId: number
  readonly name: string
  readonly retiredAt: number | null
}

async function setRetired(db: Kysely<Schema>, { cacheId, name, retiredAt }: Retirement): Promise<void> {
  await db
    .updateTable('signing_keys')
    .set({ retired_at: retiredAt })
    .where('cache_id', '=', cacheId)
    .where('name', '=', name)
    .execute()
}

async function findSealed(db: Kysely<Schema>): Promise<SealedSecret | undefined> {
  const row = await db
    .selectFrom('signing_keys')
    .select(['name', 'sealed_secret'])
    .where('sealed_secret', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  if (!row?.sealed_secret) return undefined
  return { name: row.name, sealedSecret: row.sealed_secret }
}

async function resealAll(
  db: Transaction<Schema>,
  reseal: Parameters<SigningKeyTable['resealAll']>[0],
): Promise<Resealed> {
  const rows = await db
    .selectFrom('signing_keys')
    .innerJoin('caches', 'caches.id', 'signing_keys.cache_id')
    .select(['signing_keys.id', 'signing_keys.name', 'sealed_secret', 'caches.name as cache_name'])
    .where('sealed_secret', 'is not', null)
    .orderBy('caches.name')
    .orderBy('signing_keys.id')
    .execute()
  const dropped: { cacheName: string; keyName: string }[] = []
  for (const { id, name, sealed_secret: sealed, cache_name: cacheName } of rows) {
    if (sealed === null) continue
    const next = reseal(sealed, name)
    if (next === undefined) dropped.push({ cacheName, keyName: name })
    await db
      .updateTable('signing_keys')
      .set({ sealed_secret: next ?? null })
      .where('id', '=', id)
      .execute()
  }
  return { kept: rows.length - dropped.length, dropped }
}
