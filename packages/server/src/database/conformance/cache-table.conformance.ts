import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewSigningKey } from '../signing-key-table.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { createCache } from './sample-data.ts'

const key: NewSigningKey = {
  name: 'demo.localhost-1',
  publicKey: 'yP9vq0Nn/jLk0bRuPk3eLNYyAqGfbS+7rdaMYNNgOqE=',
  sealedSecret: undefined,
}

export function describeCacheTable(withDatabase: DatabaseTest): void {
  describe('caches', () => {
    test(
      'are found by name, as they were created',
      withDatabase(async ({ database, cache }) => {
        const before = Date.now()
        const created = await createCache(database, cache, {
          name: 'Private-1',
          isPublic: false,
          storeDir: '/gnu/store',
          priority: 7,
        })
        const { id, createdAt, ...rest } = created
        assert.deepEqual(rest, {
          name: 'Private-1',
          accountId: cache.accountId,
          accountName: 'owner',
          isPublic: false,
          storeDir: '/gnu/store',
          priority: 7,
        })
        assert.notEqual(id, cache.id)
        assert.ok(createdAt >= before && createdAt <= Date.now())
        assert.deepEqual(await database.caches.find('Private-1'), created)
      }),
    )

    test(
      'that do not exist are undefined, whatever their names',
      withDatabase(async ({ database }) => {
        for (const name of ['absent', '', 'Demo', 'demo ', "de'mo", 'dem%', 'デモ', 'x'.repeat(10_000)]) {
          assert.equal(await database.caches.find(name), undefined)
        }
      }),
    )

    test(
      'with a name that is taken, by any account, are refused and change nothing',
      withDatabase(async ({ database, cache }) => {
        const { id: accountId } = await database.accounts.create('another')
        const taken = database.caches.create({ ...cache, accountId, priority: 1, key })
        await assert.rejects(taken, { name: 'CacheError', code: 'name-taken' })
        assert.deepEqual(await database.caches.find('demo'), cache)
        assert.deepEqual(await database.keys.list(cache.id), [])
      }),
    )

    test(
      'of an account are listed by name, in byte order',
      withDatabase(async ({ database, cache }) => {
        const { id: another } = await database.accounts.create('another')
        await createCache(database, cache, { name: 'of-another', accountId: another })
        for (const name of ['b-1', 'a', 'B', 'ab', 'a-b']) await createCache(database, cache, { name })
        const names = (await database.caches.list(cache.accountId)).map(({ name }) => name)
        assert.deepEqual(names, ['B', 'a', 'a-b', 'ab', 'b-1', 'demo'])
        assert.deepEqual(await database.caches.list(987_654), [])
      }),
    )
  })

  describe('visibility', () => {
    test(
      'can be changed, of one cache alone',
      withDatabase(async ({ database, cache }) => {
        await database.caches.create({ ...cache, name: 'other' })
        await database.caches.setPublic(cache.id, false)
        assert.deepEqual(await database.caches.find('demo'), { ...cache, isPublic: false })
        assert.equal((await database.caches.find('other'))?.isPublic, true)
        await database.caches.setPublic(cache.id, true)
        assert.deepEqual(await database.caches.find('demo'), cache)
      }),
    )
  })
}
