import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cache } from '../cache-database.ts'
import type { NewOidcRule } from '../oidc-rule-table.ts'
import type { NewToken } from '../token-table.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { createCache, hex } from './sample-data.ts'

const issuer = 'https://issuer.example'

export function describeOidcRuleTable(withDatabase: DatabaseTest): void {
  describe('rules for identities', () => {
    test(
      'are listed and found as they were added, oldest first',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        const first = await database.oidcRules.add(ruleOf(cache))
        const second = await database.oidcRules.add({ ...ruleOf(cache), issuer: 'https://another.example' })
        const third = await database.oidcRules.add({ ...ruleOf(cache), permission: 'Read' })
        await database.oidcRules.add(ruleOf(other))
        const { id, accountId, createdAt, ...rest } = first
        assert.deepEqual(rest, ruleOf(cache))
        assert.deepEqual([typeof id, accountId, typeof createdAt], ['number', cache.accountId, 'number'])
        assert.deepEqual(await database.oidcRules.list(cache.id), [first, second, third])
        assert.deepEqual(await database.oidcRules.find('demo', issuer), [first, third])
        assert.deepEqual(await database.oidcRules.find('demo', 'https://issuer.example/'), [])
        assert.deepEqual(await database.oidcRules.find('nosuch', issuer), [])
      }),
    )

    test(
      'make their issuers known until they are removed, by the cache that has them',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        assert.equal(await database.oidcRules.isKnownIssuer(issuer), false)
        const { id } = await database.oidcRules.add(ruleOf(cache))
        assert.equal(await database.oidcRules.isKnownIssuer(issuer), true)
        assert.equal(await database.oidcRules.remove(other.id, id), false)
        assert.equal(await database.oidcRules.remove(cache.id, id), true)
        assert.equal(await database.oidcRules.remove(cache.id, id), false)
        assert.equal(await database.oidcRules.isKnownIssuer(issuer), false)
      }),
    )

    test(
      'give one token for each exchange, and take them away when they are removed',
      withDatabase(async ({ database, cache }) => {
        const { id: ruleId } = await database.oidcRules.add(ruleOf(cache))
        const exchange = { ruleId, hash: hex('identity'), expiresAt: 2000 }
        const token = await database.oidcRules.exchange(exchange, tokenOf(cache, 'one'))
        assert.equal(await database.oidcRules.exchange(exchange, tokenOf(cache, 'two')), undefined)
        assert.equal(await database.tokens.findByHash(hex('two')), undefined)
        assert.deepEqual(await database.tokens.findByHash(hex('one')), token)
        await database.oidcRules.remove(cache.id, ruleId)
        assert.equal(await database.tokens.findByHash(hex('one')), undefined)
      }),
    )

    test(
      'are remembered to have been used for an identity until it counts no more',
      withDatabase(async ({ database, cache }) => {
        const { id: ruleId } = await database.oidcRules.add(ruleOf(cache))
        const exchange = { ruleId, hash: hex('identity'), expiresAt: 2000 }
        await database.oidcRules.exchange(exchange, tokenOf(cache, 'one'))
        await database.oidcRules.dropExpired(2000)
        assert.equal(await database.oidcRules.exchange(exchange, tokenOf(cache, 'two')), undefined)
        await database.oidcRules.dropExpired(2001)
        assert.ok(await database.oidcRules.exchange(exchange, tokenOf(cache, 'two')))
      }),
    )

    test(
      'give tokens that are dropped sooner than those somebody made',
      withDatabase(async ({ database, cache }) => {
        const { id: ruleId } = await database.oidcRules.add(ruleOf(cache))
        await database.oidcRules.exchange({ ruleId, hash: hex('i'), expiresAt: 1 }, tokenOf(cache, 'given'))
        await database.tokens.create(tokenOf(cache, 'made'))
        assert.equal(await database.tokens.dropExpired({ made: 1000, exchanged: 1001 }), 1)
        assert.equal(await database.tokens.findByHash(hex('given')), undefined)
        assert.ok(await database.tokens.findByHash(hex('made')))
      }),
    )
  })
}

function ruleOf(cache: Cache): NewOidcRule {
  return {
    cacheId: cache.id,
    issuer,
    audience: 'https://cache.example',
    claims: { repository: 'owner/*', ref: 'refs/heads/main' },
    permission: 'Write',
    lifetimeMs: 900_000,
  }
}

/** Expires at 1000. */
function tokenOf({ accountId, id }: Cache, text: string): NewToken {
  const description = 'of an identity'
  return { accountId, hash: hex(text), kind: 'cache-write', cacheId: id, description, expiresAt: 1000 }
}
