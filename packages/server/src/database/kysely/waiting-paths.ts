// Some clients send paths in any order. One that comes before what it refers to is verified and kept like any other, but
// nobody sees it: the last of what it waits for makes it visible, in the same transaction.

import { sql, type Kysely } from 'kysely'
import type { NewPath } from '../cache-database.ts'
import { keepNar } from './keep-nar.ts'
import { findReferences, writeReferences } from './path-references.ts'
import type { Publisher } from './path-references.ts'
import type { Schema } from './schema.ts'
import type { SqlFlavour } from './sql-backend.ts'

interface PathToKeep extends Publisher {
  readonly path: NewPath
}

/** Whether any path of the cache waits for others. */
export async function isAnyWaiting(db: Kysely<Schema>, cacheId: number): Promise<boolean> {
  const any = db.selectFrom('waiting_paths').select('id').where('cache_id', '=', cacheId).limit(1)
  return (await any.executeTakeFirst()) !== undefined
}

/** `PathTable.findWaiting`. */
export async function findWaiting(
  db: Kysely<Schema>,
  cacheId: number,
  storeHash: string,
): Promise<string | undefined> {
  const waiting = await db
    .selectFrom('waiting_paths')
    .innerJoin('nars', 'nars.id', 'waiting_paths.nar_id')
    .select('nars.nar_hash as narHash')
    .where('waiting_paths.cache_id', '=', cacheId)
    .where('waiting_paths.store_hash', '=', storeHash)
    .where('nars.is_damaged', '=', 0)
    .executeTakeFirst()
  return waiting?.narHash
}

/** Keeps a path until `missing`, base names, are visible. It takes the place of an older one that waits. */
export async function keepWaiting(keeping: PathToKeep, missing: readonly string[]): Promise<void> {
  const { db, flavour, cacheId, path } = keeping
  const narId = await keepNar(keeping, path)
  await forgetWaiting(keeping, path.storeHash)
  const { id } = await db
    .insertInto('waiting_paths')
    .values({
      cache_id: cacheId,
      store_hash: path.storeHash,
      store_name: path.storeName,
      nar_id: narId,
      reference_names: JSON.stringify(path.references),
      deriver: path.deriver ?? null,
      signatures: JSON.stringify([...new Set(path.signatures)]),
      ca: path.ca ?? null,
      waiting_since: Date.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await waitFor({ db, flavour }, id, missing)
}

/**
 * Makes visible what waited for these paths and waits for nothing else, then what waited for that, and so on. Gives the
 * store hashes of all that.
 */
export async function releaseWaiting(
  publisher: Publisher,
  storeHashes: readonly string[],
): Promise<readonly string[]> {
  const arrived = [...storeHashes]
  for (const hash of arrived) {
    // It may have waited itself, and come again by another way.
    await forgetWaiting(publisher, hash)
    for (const path of await takeReady(publisher, hash)) {
      if (await makeVisible(publisher, path)) arrived.push(path.store_hash)
    }
  }
  return arrived.slice(storeHashes.length)
}

async function forgetWaiting({ db, cacheId }: Publisher, storeHash: string): Promise<void> {
  const waiting = db.deleteFrom('waiting_paths').where('cache_id', '=', cacheId)
  await waiting.where('store_hash', '=', storeHash).execute()
}

/** Those that wait for nothing any more, now that `storeHash` is there. */
async function takeReady({ db, cacheId }: Publisher, storeHash: string) {
  const released = await db
    .deleteFrom('waiting_references')
    .where('store_hash', '=', storeHash)
    .where('path_id', 'in', (select) =>
      select.selectFrom('waiting_paths').select('id').where('cache_id', '=', cacheId),
    )
    .returning('path_id')
    .execute()
  if (released.length === 0) return []
  const ids = released.map((row) => row.path_id).join(',')
  return db
    .selectFrom('waiting_paths')
    .selectAll()
    .where(sql<boolean>`id in (${sql.raw(ids)})`)
    .where(sql<boolean>`not exists (select 1 from waiting_references where path_id = waiting_paths.id)`)
    .execute()
}

type WaitingPath = Awaited<ReturnType<typeof takeReady>>[number]

/** False if it cannot be: what was there may have been damaged since. */
async function makeVisible(publisher: Publisher, waiting: WaitingPath): Promise<boolean> {
  const { db } = publisher
  const { id, waiting_since: _since, ...row } = waiting
  const references = JSON.parse(row.reference_names) as string[]
  const path = { storeHash: row.store_hash, storeName: row.store_name, references }
  const { missing, found } = await findReferences(publisher, path)
  if (missing.length > 0) {
    await waitFor(publisher, id, missing)
    return false
  }
  await db.deleteFrom('waiting_paths').where('id', '=', id).execute()
  if (await isDamaged(publisher, row.nar_id)) return false
  const pathId = await insertPath(publisher, row)
  if (pathId !== undefined) await writeReferences(publisher, [{ pathId, found }])
  return pathId !== undefined
}

async function isDamaged({ db }: Publisher, narId: number): Promise<boolean> {
  const nar = await db.selectFrom('nars').select('is_damaged').where('id', '=', narId).executeTakeFirst()
  return nar?.is_damaged !== 0
}

/** Undefined where there is one, damaged: it is mended by sending it again. */
async function insertPath(
  { db }: Publisher,
  row: Omit<WaitingPath, 'id' | 'waiting_since'>,
): Promise<number | undefined> {
  const inserted = await db
    .insertInto('paths')
    .values({ ...row, published_at: Date.now() })
    .onConflict((conflict) => conflict.columns(['cache_id', 'store_hash']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

async function waitFor(
  { db, flavour }: { readonly db: Kysely<Schema>; readonly flavour: SqlFlavour },
  pathId: number,
  missing: readonly string[],
): Promise<void> {
  const storeHashes = [...new Set(missing.map((name) => name.slice(0, name.indexOf('-'))))]
  await sql`insert into waiting_references (path_id, store_hash)
    select cast(${pathId} as bigint), value from ${flavour.rowsOfJson}(${JSON.stringify(storeHashes)})`.execute(
    db,
  )
}
