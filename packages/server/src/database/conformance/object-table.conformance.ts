import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest } from './database-under-test.ts'
import { createCache } from './sample-data.ts'

export function describeObjectTable(withDatabase: DatabaseTest): void {
  const content = new Uint8Array([40, 181, 47, 253, 0, 255])

  describe('objects', () => {
    test(
      'are found in the cache they were put into, and in no other',
      withDatabase(async ({ database, cache }) => {
        const { objects } = database
        await createCache(database, cache, { name: 'other' })
        assert.equal(await objects.find('demo', 'log/a'), undefined)
        await objects.put(cache.id, 'log/a', content)
        assert.deepEqual(await objects.find('demo', 'log/a'), { isPublic: true, content })
        assert.equal(await objects.find('other', 'log/a'), undefined)
        assert.equal(await objects.find('demo', 'log/A'), undefined)
      }),
    )

    test(
      'are what was put last, by whomever at once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const another = await openAnother()
        const puts = Array.from({ length: 10 }, (_, index) =>
          [database, another][index % 2]!.objects.put(cache.id, 'log/a', new Uint8Array([index])),
        )
        await Promise.all(puts)
        assert.equal((await database.objects.find('demo', 'log/a'))?.content.length, 1)
        await another.objects.put(cache.id, 'log/a', content)
        assert.deepEqual((await database.objects.find('demo', 'log/a'))?.content, content)
      }),
    )

    test(
      'of a cache that does not exist are not kept',
      withDatabase(async ({ database }) => {
        await assert.rejects(database.objects.put(987_654, 'log/a', content))
      }),
    )
  })
}
