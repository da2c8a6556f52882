import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cache } from '../cache-database.ts'
import type { NewToken } from '../token-table.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { hex } from './sample-data.ts'

export function describeTokenTable(withDatabase: DatabaseTest): void {
  describe('tokens', () => {
    test(
      'are found by their hash, as they were created',
      withDatabase(async ({ database, cache }) => {
        const before = Date.now()
        const created = await database.tokens.create(personal(cache.accountId))
        const { id, createdAt, ...rest } = created
        assert.deepEqual(rest, {
          accountId: cache.accountId,
          accountName: 'owner',
          kind: 'personal',
          cacheId: undefined,
          cacheName: undefined,
          description: 'of the owner',
          expiresAt: undefined,
          lastUsedAt: undefined,
        })
        assert.ok(createdAt >= before && createdAt <= Date.now())
        assert.equal(typeof id, 'number')
        assert.deepEqual(await database.tokens.findByHash(hex('a token')), created)
      }),
    )

    test(
      'of every kind can be for one cache, and are found after they expired',
      withDatabase(async ({ database, cache }) => {
        for (const kind of ['cache-read', 'cache-write', 'cache-admin'] as const) {
          const token = {
            ...personal(cache.accountId),
            hash: hex(kind),
            kind,
            cacheId: cache.id,
            expiresAt: 1,
          }
          await database.tokens.create(token)
          const found = await database.tokens.findByHash(hex(kind))
          assert.equal(found?.kind, kind)
          assert.equal(found.cacheId, cache.id)
          assert.equal(found.cacheName, 'demo')
          assert.equal(found.expiresAt, 1)
        }
      }),
    )

    test(
      'that do not exist are undefined',
      withDatabase(async ({ database }) => {
        assert.equal(await database.tokens.findByHash(hex('no token')), undefined)
        assert.equal(await database.tokens.findByHash("' or 1 = 1 --"), undefined)
      }),
    )

    test(
      'whose hash exists are refused',
      withDatabase(async ({ database, cache }) => {
        const created = await database.tokens.create(personal(cache.accountId))
        const again = { ...personal(cache.accountId), description: 'another' }
        await assert.rejects(database.tokens.create(again), { name: 'CacheError', code: 'conflict' })
        assert.deepEqual(await database.tokens.findByHash(hex('a token')), created)
      }),
    )

    test(
      'are listed newest first, of the account or of one cache of it',
      withDatabase(async ({ database, cache }) => {
        const { accountId } = cache
        const own = await database.tokens.create(personal(accountId))
        const ofCache = await database.tokens.create(reading(cache))
        const other = await database.accounts.create('other')
        await database.tokens.create({ ...personal(other.id), hash: hex('of another') })
        assert.deepEqual(await database.tokens.list({ accountId }), [ofCache, own])
        assert.deepEqual(await database.tokens.list({ accountId, cacheId: cache.id }), [ofCache])
        assert.deepEqual(await database.tokens.list({ accountId: other.id, cacheId: cache.id }), [])
      }),
    )

    test(
      'are revoked within the scope that is given, and then unknown',
      withDatabase(async ({ database, cache }) => {
        const { accountId } = cache
        const other = await database.accounts.create('other')
        const own = await database.tokens.create(personal(accountId))
        const ofCache = await database.tokens.create(reading(cache))
        assert.equal(await database.tokens.revoke({ accountId: other.id }, own.id), false)
        assert.equal(await database.tokens.revoke({ accountId, cacheId: cache.id }, own.id), false)
        assert.equal(await database.tokens.revoke({ accountId, cacheId: cache.id }, ofCache.id), true)
        assert.equal(await database.tokens.revoke({ accountId }, ofCache.id), false)
        assert.equal(await database.tokens.findByHash(hex('reading')), undefined)
        assert.deepEqual(await database.tokens.list({ accountId }), [own])
      }),
    )

    test(
      'remember when they were last used',
      withDatabase(async ({ database, cache }) => {
        const { id } = await database.tokens.create(personal(cache.accountId))
        await database.tokens.noteUse(id, 1_700_000_000_000)
        assert.equal((await database.tokens.findByHash(hex('a token')))?.lastUsedAt, 1_700_000_000_000)
        await database.tokens.noteUse(id + 1000, 1)
      }),
    )

    test(
      'are dropped once they expired long enough ago',
      withDatabase(async ({ database, cache }) => {
        const { accountId } = cache
        const kept = await database.tokens.create(personal(accountId))
        const later = await database.tokens.create({ ...reading(cache), expiresAt: 1000 })
        await database.tokens.create({ ...personal(accountId), hash: hex('over'), expiresAt: 999 })
        assert.equal(await database.tokens.dropExpired({ made: 1000, exchanged: 5000 }), 1)
        assert.deepEqual(await database.tokens.list({ accountId }), [later, kept])
      }),
    )
  })
}

function reading({ accountId, id }: Cache): NewToken {
  return { accountId, hash: hex('reading'), kind: 'cache-read', cacheId: id, description: 'of a machine' }
}

function personal(accountId: number): NewToken {
  return { accountId, hash: hex('a token'), kind: 'personal', description: 'of the owner' }
}
