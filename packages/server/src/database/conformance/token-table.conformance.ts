import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewToken } from '../cache-database.ts'
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
          description: 'of the owner',
          expiresAt: undefined,
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
  })
}

function personal(accountId: number): NewToken {
  return { accountId, hash: hex('a token'), kind: 'personal', description: 'of the owner' }
}
