import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest } from './database-under-test.ts'
import {
  baseName,
  createCache,
  hex,
  publishSample,
  recordChunks,
  sampleNar,
  storeHash,
} from './sample-data.ts'

export function describePinTable(withDatabase: DatabaseTest): void {
  const pin = { name: 'v1.0', storeHash: storeHash('hello'), artifacts: ['bin/hello'], keep: undefined }

  describe('pins', () => {
    test(
      'have revisions, of which the last is listed',
      withDatabase(async ({ database, cache }) => {
        for (const name of ['hello', 'newer']) await publishSample(database, cache, { name })
        assert.equal(await database.pins.pin(cache.id, pin), true)
        const keep = { tag: 'Days', contents: 30 } as const
        const next = { ...pin, storeHash: storeHash('newer'), artifacts: [], keep }
        for (const again of [next, next]) assert.equal(await database.pins.pin(cache.id, again), true)
        const [listed, ...others] = await database.pins.list(cache.id)
        assert.deepEqual(others, [])
        const { path, artifacts, number } = listed!.lastRevision
        assert.deepEqual([listed!.name, listed!.keep], ['v1.0', keep])
        assert.deepEqual([path, artifacts, number], [baseName('newer'), [], 2])
        assert.ok(listed!.lastRevision.createdAt >= listed!.createdAt)
      }),
    )

    test(
      'are for what is visible in their own cache',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        await publishSample(database, other, { name: 'hello' })
        assert.equal(await database.pins.pin(cache.id, pin), false)
        assert.deepEqual(await database.pins.list(cache.id), [])
        assert.equal(await database.pins.pin(other.id, pin), true)
        assert.equal(await database.pins.remove(cache.id, 'v1.0'), false)
        assert.equal((await database.pins.list(other.id)).length, 1)
      }),
    )

    test(
      'are made once when many make them at once, and go when they are removed',
      withDatabase(async ({ database, cache, openAnother }) => {
        const another = await openAnother()
        await publishSample(database, cache, { name: 'hello' })
        await Promise.all([database, another, database].map(({ pins }) => pins.pin(cache.id, pin)))
        assert.deepEqual(
          (await database.pins.list(cache.id)).map((one) => one.lastRevision.number),
          [1],
        )
        assert.equal(await database.pins.remove(cache.id, 'v1.0'), true)
        assert.deepEqual(await database.pins.list(cache.id), [])
      }),
    )
  })

  describe('a cache', () => {
    test(
      'lists its paths page by page, and tells what they weigh',
      withDatabase(async ({ database, cache }) => {
        const names = ['one', 'two', 'three']
        for (const name of names) await publishSample(database, cache, { name })
        const all = names.map(baseName).toSorted()
        const first = await database.paths.list(cache.id, { after: '', limit: 2 })
        assert.deepEqual(first, all.slice(0, 2))
        const after = first[1]!.slice(0, 32)
        assert.deepEqual(await database.paths.list(cache.id, { after, limit: 2 }), all.slice(2))
        assert.equal(await database.paths.fileBytes(cache.id), 3 * sampleNar('one').fileSize)
      }),
    )

    test(
      'goes with all that is about it, and nothing of others',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        for (const each of [cache, other]) {
          await publishSample(database, each, { name: 'hello' })
          await publishSample(database, each, { name: 'needs', change: { references: [baseName('hello')] } })
          await database.pins.pin(each.id, pin)
          await recordChunks(database, each, ['chunk'])
        }
        await database.tokens.create({
          accountId: cache.accountId,
          hash: hex('t'),
          kind: 'cache-read',
          cacheId: cache.id,
          description: '',
        })
        await database.caches.remove(cache.id)
        assert.equal(await database.caches.find(cache.name), undefined)
        assert.equal(await database.tokens.findByHash(hex('t')), undefined)
        assert.equal(await database.paths.find(cache.id, storeHash('hello')), undefined)
        assert.equal((await database.paths.list(other.id, { after: '', limit: 9 })).length, 2)
        assert.equal((await database.pins.list(other.id)).length, 1)
        await createCache(database, cache, { name: cache.name })
      }),
    )
  })
}
