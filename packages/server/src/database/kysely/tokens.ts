import type { Kysely } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type { NewToken, Token, TokenTable } from '../cache-database.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createTokenTable(backend: SqlBackend): TokenTable {
  const findByHash = prepareQuery(backend, (hash: string) =>
    selectTokens(backend.db).where('tokens.hash', '=', hash),
  )
  return {
    create: (token) => backend.db.transaction().execute((transaction) => createToken(transaction, token)),

    async findByHash(hash) {
      const row = await findByHash(hash)
      return row && toToken(row)
    },
  }
}

/** `TokenTable.create`, within a transaction. */
export async function createToken(db: Kysely<Schema>, token: NewToken): Promise<Token> {
  const created = await db
    .insertInto('tokens')
    .values({
      account_id: token.accountId,
      cache_id: token.cacheId ?? null,
      hash: token.hash,
      kind: token.kind,
      description: token.description,
      created_at: Date.now(),
      expires_at: token.expiresAt ?? null,
    })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!created) throw new CacheError('conflict', 'This token exists already: make another.')
  return toToken(await selectTokens(db).where('tokens.id', '=', created.id).executeTakeFirstOrThrow())
}

function selectTokens(db: Kysely<Schema>) {
  return db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
    .select([
      'tokens.id',
      'tokens.account_id as accountId',
      'accounts.name as accountName',
      'tokens.kind',
      'tokens.cache_id as cacheId',
      'tokens.description',
      'tokens.created_at as createdAt',
      'tokens.expires_at as expiresAt',
    ])
}

type TokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>['executeTakeFirstOrThrow']>>

function toToken(row: TokenRow): Token {
  return { ...row, cacheId: row.cacheId ?? undefined, expiresAt: row.expiresAt ?? undefined }
}
