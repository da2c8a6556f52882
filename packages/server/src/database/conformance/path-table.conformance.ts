import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest } from './database-under-test.ts'
import { baseName, createCache, publishSample, sampleNar, storeHash } from './sample-data.ts'

export function describePathTable(withDatabase: DatabaseTest): void {
  describe('paths', () => {
    test(
      'are found, as they were published, by cache and by name of the cache',
      withDatabase(async ({ database, cache }) => {
        for (const name of ['zlib', 'glibc']) await publishSample(database, cache, { name })
        const references = ['zlib', 'hello', 'glibc'].map(baseName)
        const change = {
          references,
          deriver: `${storeHash('drv')}-hello.drv`,
          signatures: ['demo-1:b+/=', 'another key:a'],
          ca: 'text:sha256:abc',
        }
        await publishSample(database, cache, { name: 'hello', change })
        const { recipe: _recipe, listing: _listing, buildIds: _buildIds, ...nar } = sampleNar('hello')
        const path = {
          ...nar,
          ...change,
          cacheId: cache.id,
          storeDir: '/nix/store',
          storeHash: storeHash('hello'),
          storeName: 'hello',
          references: references.toSorted(),
        }
        assert.deepEqual(await database.paths.find(cache.id, storeHash('hello')), path)
        const found = await database.paths.findByCacheName('demo', storeHash('hello'))
        assert.deepEqual(found, { isPublic: true, path })
      }),
    )

    test(
      'without deriver, references, signatures and ca have none',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        const path = await database.paths.find(cache.id, storeHash('hello'))
        const { deriver, references, signatures, ca } = path!
        assert.deepEqual([deriver, references, signatures, ca], [undefined, [], [], undefined])
      }),
    )

    test(
      'that do not exist are undefined',
      withDatabase(async ({ database, cache }) => {
        const { paths } = database
        await publishSample(database, cache, { name: 'hello' })
        const other = await createCache(database, cache, { name: 'other' })
        assert.equal(await paths.find(cache.id, storeHash('absent')), undefined)
        assert.equal(await paths.find(other.id, storeHash('hello')), undefined)
        assert.equal(await paths.findByCacheName('other', storeHash('hello')), undefined)
        assert.equal(await paths.findByCacheName('absent', storeHash('hello')), undefined)
        assert.equal(await paths.findByCacheName('demo', "' or ''='"), undefined)
        assert.equal(await paths.listing(cache.id, storeHash('absent')), undefined)
        assert.equal(await paths.listing(other.id, storeHash('hello')), undefined)
      }),
    )

    test(
      'of a private cache are found with the word that it is private',
      withDatabase(async ({ database, cache }) => {
        const hidden = await createCache(database, cache, { name: 'hidden', isPublic: false })
        await publishSample(database, hidden, { name: 'hello' })
        const found = await database.paths.findByCacheName('hidden', storeHash('hello'))
        assert.equal(found?.isPublic, false)
        assert.equal(found.path.cacheId, hidden.id)
      }),
    )

    test(
      'have the listing of their NAR',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        assert.deepEqual(
          await database.paths.listing(cache.id, storeHash('hello')),
          sampleNar('hello').listing,
        )
      }),
    )
  })

  describe('missing', () => {
    test(
      'gives what is not visible in this cache, as and in the order given',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        await publishSample(database, cache, { name: 'here' })
        await publishSample(database, other, { name: 'elsewhere' })
        const absent = ['z', 'elsewhere', 'a', 'z'].map(storeHash)
        const asked = [storeHash('here'), ...absent, storeHash('here')]
        assert.deepEqual(await database.paths.missing(cache.id, asked), absent)
        assert.deepEqual(await database.paths.missing(cache.id, []), [])
        assert.deepEqual(await database.paths.missing(987_654, asked), asked)
      }),
    )

    test(
      'takes tens of thousands of hashes',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'path 25000' })
        const hashes = Array.from({ length: 40_000 }, (_, index) => storeHash(`path ${index}`))
        const missing = await database.paths.missing(cache.id, hashes)
        assert.deepEqual(missing, hashes.toSpliced(25_000, 1))
      }),
    )

    test(
      'is not confused by what is no hash',
      withDatabase(async ({ database, cache }) => {
        const odd = ['', '"', '\\', "'; drop table paths; --", '[]', 'ü', '%']
        assert.deepEqual(await database.paths.missing(cache.id, odd), odd)
      }),
    )
  })
}
