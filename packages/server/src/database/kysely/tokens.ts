import type { Kysely } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type { NewToken, Token, TokenExpiry, TokenScope, TokenTable } from '../token-table.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createTokenTable(backend: SqlBackend): TokenTable {
  const { db } = backend
  const findByHash = prepareQuery(backend, (hash: string) => selectTokens(db).where('tokens.hash', '=', hash))
  return {
    create: (token) => db.transaction().execute((transaction) => createToken(transaction, token)),

    async findByHash(hash) {
      const row = await findByHash(hash)
      return row && toToken(row)
    },

    list: (scope) => listTokens(db, scope),
    revoke: (scope, id) => revokeToken(db, scope, id),

    async noteUse(id, at) {
      await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute()
    },

    dropExpired: (before) => dropExpired(db, before),
  }
}

/** What made it, if nobody did. */
interface TokenOrigin {
  readonly oidcRuleId?: number | undefined
}

/** `TokenTable.create`, within a transaction. */
export async function createToken(db: Kysely<Schema>, token: NewToken & TokenOrigin): Promise<Token> {
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
      oidc_rule_id: token.oidcRuleId ?? null,
    })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!created) throw new CacheError('conflict', 'This token exists already: make another.')
  return toToken(await selectTokens(db).where('tokens.id', '=', created.id).executeTakeFirstOrThrow())
}

async function listTokens(db: Kysely<Schema>, { accountId, cacheId }: TokenScope): Promise<Token[]> {
  const ofAccount = selectTokens(db).where('tokens.account_id', '=', accountId)
  const inScope = cacheId === undefined ? ofAccount : ofAccount.where('tokens.cache_id', '=', cacheId)
  return (await inScope.orderBy('tokens.id', 'desc').execute()).map(toToken)
}

async function revokeToken(
  db: Kysely<Schema>,
  { accountId, cacheId }: TokenScope,
  id: number,
): Promise<boolean> {
  const ofAccount = db.deleteFrom('tokens').where('id', '=', id).where('account_id', '=', accountId)
  const inScope = cacheId === undefined ? ofAccount : ofAccount.where('cache_id', '=', cacheId)
  const { numDeletedRows } = await inScope.executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

async function dropExpired(db: Kysely<Schema>, { made, exchanged }: TokenExpiry): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('tokens')
    .where((token) =>
      token.or([
        token('expires_at', '<', made),
        token.and([token('oidc_rule_id', 'is not', null), token('expires_at', '<', exchanged)]),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function selectTokens(db: Kysely<Schema>) {
  return db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
    .leftJoin('caches', 'caches.id', 'tokens.cache_id')
    .select([
      'tokens.id',
      'tokens.account_id as accountId',
      'accounts.name as accountName',
      'tokens.kind',
      'tokens.cache_id as cacheId',
      'caches.name as cacheName',
      'tokens.description',
      'tokens.created_at as createdAt',
      'tokens.expires_at as expiresAt',
      'tokens.last_used_at as lastUsedAt',
    ])
}

type TokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>['executeTakeFirstOrThrow']>>

function toToken(row: TokenRow): Token {
  return {
    ...row,
    cacheId: row.cacheId ?? undefined,
    cacheName: row.cacheName ?? undefined,
    expiresAt: row.expiresAt ?? undefined,
    lastUsedAt: row.lastUsedAt ?? undefined,
  }
}
