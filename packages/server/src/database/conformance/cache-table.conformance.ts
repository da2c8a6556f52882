import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SigningKey } from '../cache-database.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { createCache } from './sample-data.ts'

const key: SigningKey = {
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
        assert.deepEqual(await database.caches.keys(cache.id), [])
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

  describe('signing keys', () => {
    test(
      'are made with the cache or added to it',
      withDatabase(async ({ database, cache }) => {
        const other = await database.caches.create({ ...cache, name: 'other', key })
        assert.deepEqual(await database.caches.keys(other.id), [key])

        const managed = { ...key, name: 'managed-1', sealedSecret: new Uint8Array([0, 1, 254, 255]) }
        assert.deepEqual(await database.caches.keys(cache.id), [])
        await database.caches.addKey(cache.id, managed)
        assert.deepEqual(await database.caches.keys(cache.id), [managed])
      }),
    )

    test(
      'are refused where the cache has one, also when two are added at once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const another = await openAnother()
        const results = await Promise.allSettled([
          database.caches.addKey(cache.id, key),
          another.caches.addKey(cache.id, { ...key, name: 'another-1' }),
        ])
        const refused = results.filter((result) => result.status === 'rejected')
        assert.deepEqual(
          refused.map(({ reason }) => reason.code),
          ['key-exists'],
        )
        assert.equal((await database.caches.keys(cache.id)).length, 1)
        await assert.rejects(database.caches.addKey(cache.id, key), {
          name: 'CacheError',
          code: 'key-exists',
        })
      }),
    )
  })
}
