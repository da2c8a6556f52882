import type { Kysely } from 'kysely'
import type { NewOidcRule, OidcExchange, OidcRule, OidcRuleTable } from '../oidc-rule-table.ts'
import type { NewToken, Token } from '../token-table.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'
import { createToken } from './tokens.ts'

export function createOidcRuleTable({ db }: SqlBackend): OidcRuleTable {
  return {
    add: (rule) => db.transaction().execute((transaction) => addRule(transaction, rule)),

    async list(cacheId) {
      const rows = await selectRules(db).where('oidc_rules.cache_id', '=', cacheId).execute()
      return rows.map(toRule)
    },

    async remove(cacheId, id) {
      const ofCache = db.deleteFrom('oidc_rules').where('cache_id', '=', cacheId)
      const { numDeletedRows } = await ofCache.where('id', '=', id).executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },

    async isKnownIssuer(issuer) {
      const naming = db.selectFrom('oidc_rules').select('id').where('issuer', '=', issuer)
      return (await naming.limit(1).executeTakeFirst()) !== undefined
    },

    async find(cacheName, issuer) {
      const ofCache = selectRules(db).where('caches.name', '=', cacheName)
      const rows = await ofCache.where('oidc_rules.issuer', '=', issuer).execute()
      return rows.map(toRule)
    },

    exchange: (exchange, token) =>
      db.transaction().execute((transaction) => exchangeOnce(transaction, exchange, token)),

    async dropExpired(before) {
      await db.deleteFrom('oidc_exchanges').where('expires_at', '<', before).execute()
    },
  }
}

async function addRule(db: Kysely<Schema>, rule: NewOidcRule): Promise<OidcRule> {
  const { id } = await db
    .insertInto('oidc_rules')
    .values({
      cache_id: rule.cacheId,
      issuer: rule.issuer,
      audience: rule.audience,
      claims: JSON.stringify(rule.claims),
      permission: rule.permission,
      lifetime_ms: rule.lifetimeMs,
      created_at: Date.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return toRule(await selectRules(db).where('oidc_rules.id', '=', id).executeTakeFirstOrThrow())
}

async function exchangeOnce(
  db: Kysely<Schema>,
  { ruleId, hash, expiresAt }: OidcExchange,
  token: NewToken,
): Promise<Token | undefined> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('oidc_exchanges')
    .values({ hash, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows !== 1n) return undefined
  return createToken(db, { ...token, oidcRuleId: ruleId })
}

function selectRules(db: Kysely<Schema>) {
  return db
    .selectFrom('oidc_rules')
    .innerJoin('caches', 'caches.id', 'oidc_rules.cache_id')
    .select([
      'oidc_rules.id',
      'oidc_rules.cache_id as cacheId',
      'caches.account_id as accountId',
      'oidc_rules.issuer',
      'oidc_rules.audience',
      'oidc_rules.claims',
      'oidc_rules.permission',
      'oidc_rules.lifetime_ms as lifetimeMs',
      'oidc_rules.created_at as createdAt',
    ])
    .orderBy('oidc_rules.id')
}

type RuleRow = Awaited<ReturnType<ReturnType<typeof selectRules>['executeTakeFirstOrThrow']>>

function toRule(row: RuleRow): OidcRule {
  return { ...row, claims: JSON.parse(row.claims) as Record<string, string> }
}
