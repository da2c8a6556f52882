import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest } from './database-under-test.ts'
import {
  createCache,
  hex,
  publishSample,
  recordPacks,
  sampleNar,
  samplePacks,
  storeHash,
} from './sample-data.ts'

export function describeNarTable(withDatabase: DatabaseTest): void {
  const nar = sampleNar('hello')

  describe('published NARs', () => {
    test(
      'are those of visible paths',
      withDatabase(async ({ database, cache }) => {
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
        await publishSample(database, cache, { name: 'twin', change: { nar } })
        assert.equal((await database.nars.findPublished('demo', nar.fileHash))?.cacheId, cache.id)
      }),
    )

    test(
      'of one cache are absent from others',
      withDatabase(async ({ database, cache }) => {
        const hidden = await createCache(database, cache, { name: 'hidden', isPublic: false })
        await publishSample(database, cache, { name: 'hello' })
        assert.equal(await database.nars.findPublished('hidden', nar.fileHash), undefined)
        await publishSample(database, hidden, { name: 'hello' })
        assert.equal((await database.nars.findPublished('hidden', nar.fileHash))?.isPublic, false)
        assert.equal((await database.nars.findPublished('demo', nar.fileHash))?.isPublic, true)
      }),
    )

    test(
      'known by their file hash stay as they are, whoever publishes them',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        const other = { ...nar, recipe: new Uint8Array([1]), fileSize: 3 }
        await publishSample(database, cache, { name: 'twin', change: { nar: other } })
        const listing = await database.paths.listing(cache.id, storeHash('twin'))
        assert.deepEqual(listing, nar.listing)
        const found = await database.nars.findPublished('demo', nar.fileHash)
        assert.deepEqual([found?.recipe, found?.fileSize], [nar.recipe, nar.fileSize])
      }),
    )

    test(
      'may need no packs, or many, be large, and have no listing to speak of',
      withDatabase(async ({ database, cache }) => {
        const recipe = new Uint8Array(1_000_000).fill(7)
        const large = { ...nar, recipe, listing: { template: new Uint8Array(0), hashes: [] } }
        await publishSample(database, cache, { name: 'hello', change: { nar: large, packs: [] } })
        assert.deepEqual((await database.nars.findPublished('demo', nar.fileHash))?.recipe, recipe)
        assert.deepEqual(await database.paths.listing(cache.id, storeHash('hello')), large.listing)
        await recordPacks(database, samplePacks(50))
        const packs = samplePacks(50).map((pack) => pack.name)
        const many = await publishSample(database, cache, { name: 'many', change: { packs } })
        assert.equal(many.outcome, 'published')
      }),
    )

    test(
      'are found by the builds that they have debugging information of',
      withDatabase(async ({ database, cache }) => {
        const buildIds = ['ab', 'cd'].map((digits) => digits.repeat(20))
        const hidden = await createCache(database, cache, { name: 'hidden', isPublic: false })
        await publishSample(database, cache, { name: 'hello', change: { nar: { ...nar, buildIds } } })
        const found = { isPublic: true, fileHash: nar.fileHash }
        assert.deepEqual(await database.nars.findDebugFile('demo', buildIds[1]!), found)
        assert.equal(await database.nars.findDebugFile('hidden', buildIds[1]!), undefined)
        await publishSample(database, hidden, { name: 'hello', change: { nar: { ...nar, buildIds } } })
        assert.equal((await database.nars.findDebugFile('hidden', buildIds[0]!))?.isPublic, false)
        assert.equal(await database.nars.findDebugFile('demo', 'ef'.repeat(20)), undefined)
        await database.packs.markDamaged(hex('pack 0'))
        assert.equal(await database.nars.findDebugFile('demo', buildIds[0]!), undefined)
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
