import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest } from './database-under-test.ts'
import { createCache, hex, publishSample, sampleNar, samplePacks, samplePath } from './sample-data.ts'

export function describeNarTable(withDatabase: DatabaseTest): void {
  const nar = sampleNar('hello')

  describe('NARs', () => {
    test(
      'are found, as they were recorded, for the cache they were sent to',
      withDatabase(async ({ database, cache }) => {
        assert.equal(await database.nars.findSent(cache.id, nar.fileHash), undefined)
        assert.deepEqual(await database.nars.record(cache.id, nar, samplePacks()), nar)
        assert.deepEqual(await database.nars.findSent(cache.id, nar.fileHash), nar)
      }),
    )

    test(
      'sent to one cache are not there for another until they are sent to it too',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        await database.nars.record(cache.id, nar, samplePacks())
        assert.equal(await database.nars.findSent(other.id, nar.fileHash), undefined)
        await database.nars.record(other.id, nar, samplePacks())
        assert.deepEqual(await database.nars.findSent(other.id, nar.fileHash), nar)
      }),
    )

    test(
      'known by their file hash stay as they were first recorded',
      withDatabase(async ({ database, cache }) => {
        await database.nars.record(cache.id, nar, samplePacks(1))
        const other = { ...nar, recipe: new Uint8Array([1]), listing: new Uint8Array([2]), fileSize: 3 }
        assert.deepEqual(await database.nars.record(cache.id, other, samplePacks(2)), nar)
        assert.deepEqual(await database.nars.findSent(cache.id, nar.fileHash), nar)
        assert.equal(await database.nars.hasPack(samplePacks(2)[1]!.name), false)
      }),
    )

    test(
      'recorded many times at once, with shared packs in any order, are recorded once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const databases = [database, await openAnother()]
        const recordings = Array.from({ length: 20 }, (_, index) => {
          const packs = index % 3 === 0 ? samplePacks(5) : samplePacks(5).toReversed()
          return databases[index % 2]!.nars.record(cache.id, sampleNar(`nar ${index % 4}`), packs)
        })
        const recorded = await Promise.all(recordings)
        for (const [index, nar] of recorded.entries()) assert.deepEqual(nar, sampleNar(`nar ${index % 4}`))
      }),
    )

    test(
      'may be empty of packs, and large',
      withDatabase(async ({ database, cache }) => {
        const large = { ...nar, recipe: new Uint8Array(1_000_000).fill(7), listing: new Uint8Array(0) }
        await database.nars.record(cache.id, large, [])
        assert.deepEqual(await database.nars.findSent(cache.id, nar.fileHash), large)
      }),
    )

    test(
      'for a cache that does not exist are not recorded',
      withDatabase(async ({ database }) => {
        await assert.rejects(database.nars.record(987_654, nar, samplePacks()))
        assert.equal(await database.nars.hasPack(samplePacks()[0]!.name), false)
      }),
    )
  })

  describe('packs', () => {
    test(
      'are known once a NAR that uses them was recorded',
      withDatabase(async ({ database, cache }) => {
        const [first, second, third] = samplePacks(3)
        await database.nars.record(cache.id, nar, [second!, first!])
        assert.equal(await database.nars.hasPack(first!.name), true)
        assert.equal(await database.nars.hasPack(second!.name), true)
        assert.equal(await database.nars.hasPack(third!.name), false)
      }),
    )
  })

  describe('published NARs', () => {
    test(
      'are those of visible paths',
      withDatabase(async ({ database, cache }) => {
        await database.nars.record(cache.id, nar, samplePacks())
        assert.equal(await database.nars.findPublished('demo', nar.fileHash), undefined)
        await publishSample(database, cache, { name: 'hello' })
        assert.deepEqual(await database.nars.findPublished('demo', nar.fileHash), {
          isPublic: true,
          cacheId: cache.id,
          fileSize: nar.fileSize,
          recipe: nar.recipe,
        })
      }),
    )

    test(
      'are found once where several paths of the cache have the same NAR',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        await database.paths.publish(samplePath(cache, 'twin', { fileHash: nar.fileHash }))
        assert.equal((await database.nars.findPublished('demo', nar.fileHash))?.cacheId, cache.id)
      }),
    )

    test(
      'of one cache are absent from others, also from those they were sent to',
      withDatabase(async ({ database, cache }) => {
        const hidden = await createCache(database, cache, { name: 'hidden', isPublic: false })
        await publishSample(database, cache, { name: 'hello' })
        await database.nars.record(hidden.id, nar, samplePacks())
        assert.equal(await database.nars.findPublished('hidden', nar.fileHash), undefined)
        await publishSample(database, hidden, { name: 'hello' })
        assert.equal((await database.nars.findPublished('hidden', nar.fileHash))?.isPublic, false)
        assert.equal((await database.nars.findPublished('demo', nar.fileHash))?.isPublic, true)
      }),
    )

    test(
      'that do not exist are undefined',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        assert.equal(await database.nars.findPublished('demo', hex('absent')), undefined)
        assert.equal(await database.nars.findPublished('absent', nar.fileHash), undefined)
        assert.equal(await database.nars.findPublished('demo', nar.fileHash.toUpperCase()), undefined)
      }),
    )
  })
}
