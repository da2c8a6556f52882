import { sql, type Kysely, type SelectQueryBuilder, type Transaction } from 'kysely'
import type { AddedOutcome, SignablePath, SignatureTable, SignedPath } from '../signature-table.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'
import { textList } from './text-list.ts'

export function createSignatureTable(backend: SqlBackend): SignatureTable {
  const { db, flavour } = backend
  return {
    async without(cacheId, keyNames, { after, limit }) {
      const rows = await unsigned(selectSignable(db), cacheId, keyNames)
        .where('paths.store_hash', '>', after)
        .orderBy('paths.store_hash')
        .limit(limit)
        .execute()
      return rows.map(toSignedPath)
    },

    async countWithout(cacheId, keyNames) {
      const counted = db
        .selectFrom('paths')
        .innerJoin('nars', 'nars.id', 'paths.nar_id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
      const { count } = await unsigned(counted, cacheId, keyNames).executeTakeFirstOrThrow()
      return count
    },

    add: (cacheId, paths) =>
      db.transaction().execute(async (transaction) => {
        await flavour.takeTurns.execute(transaction)
        return addAll({ ...backend, db: transaction }, cacheId, paths)
      }),
  }
}

function selectSignable(db: Kysely<Schema>) {
  return db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select([
      'paths.store_hash as storeHash',
      'paths.store_name as storeName',
      'nars.nar_hash as narHash',
      'nars.nar_size as narSize',
      'paths.reference_names as references',
      'paths.signatures',
    ])
}

type SignableRow = Awaited<ReturnType<ReturnType<typeof selectSignable>['executeTakeFirstOrThrow']>>

function toSignedPath(row: SignableRow): SignedPath {
  return {
    ...row,
    references: JSON.parse(row.references) as string[],
    signatures: JSON.parse(row.signatures) as string[],
  }
}

/**
 * Signatures are `"key name:…"` within a JSON array, and no key's name has a quotation mark that would not be escaped.
 * Of the ways to look for a text within another, replacing it is the one that both databases have, and that minds case.
 */
function unsigned<Selection>(
  paths: SelectQueryBuilder<Schema, 'paths' | 'nars', Selection>,
  cacheId: number,
  keyNames: readonly string[],
) {
  const visible = paths.where('paths.cache_id', '=', cacheId).where('nars.is_damaged', '=', 0)
  return keyNames.reduce((query, name) => {
    const start = JSON.stringify(`${name}:`).slice(0, -1)
    return query.where(sql<boolean>`replace(paths.signatures, ${start}, '') = paths.signatures`)
  }, visible)
}

interface Additions extends Omit<SqlBackend, 'db'> {
  readonly db: Transaction<Schema>
}

async function addAll(
  { db, flavour }: Additions,
  cacheId: number,
  paths: readonly SignedPath[],
): Promise<AddedOutcome[]> {
  const hashes = paths.map((path) => path.storeHash)
  const rows = await selectSignable(db)
    .select('paths.id')
    .where('paths.cache_id', '=', cacheId)
    .where('paths.store_hash', 'in', textList(flavour, hashes))
    .where('nars.is_damaged', '=', 0)
    .execute()
  const byHash = new Map(rows.map((row) => [row.storeHash, row]))
  const outcomes: AddedOutcome[] = []
  for (const path of paths) {
    const row = byHash.get(path.storeHash)
    outcomes.push(row && isSame(row, path) ? await mergeSignatures(db, row, path.signatures) : 'gone')
  }
  return outcomes
}

/** All that a signature covers. */
function isSame(row: SignableRow, { storeName, narHash, narSize, references }: SignablePath): boolean {
  return (
    row.storeName === storeName &&
    row.narHash === narHash &&
    row.narSize === narSize &&
    row.references === JSON.stringify(references)
  )
}

/** Adds to the signatures of a path that the transaction has just read. */
export async function mergeSignatures(
  db: Transaction<Schema>,
  { id, signatures }: { readonly id: number; readonly signatures: string },
  offered: readonly string[],
): Promise<'added' | 'already-there'> {
  const present = JSON.parse(signatures) as string[]
  const merged = new Set([...present, ...offered])
  if (merged.size === present.length) return 'already-there'
  await db
    .updateTable('paths')
    .set({ signatures: JSON.stringify([...merged]) })
    .where('id', '=', id)
    .execute()
  return 'added'
}
