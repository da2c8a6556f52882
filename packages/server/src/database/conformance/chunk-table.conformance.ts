import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChunkReader } from '../cache-database.ts'
import type { DatabaseTest, Given } from './database-under-test.ts'
import { createCache, hex, recordChunks, sampleChunk, samplePacks } from './sample-data.ts'

export function describeChunkTable(withDatabase: DatabaseTest): void {
  const [first, second] = samplePacks(2)

  describe('chunks', () => {
    test(
      'are found as they were recorded, and what was not is missing, in the order asked for',
      withDatabase(async ({ database, cache }) => {
        const reader = { cacheId: cache.id }
        await recordChunks(database, cache, ['a', 'b'])
        assert.deepEqual(await database.chunks.find(reader, [hex('a'), hex('x'), hex('a')]), [
          sampleChunk('a'),
        ])
        const asked = ['z', 'b', 'y', 'a', 'z'].map(hex)
        assert.deepEqual(await database.chunks.missing(reader, asked), ['z', 'y', 'z'].map(hex))
        assert.deepEqual(await database.chunks.missing(reader, []), [])
        assert.deepEqual(await database.chunks.find(reader, ['', "'; drop table chunks; --"]), [])
      }),
    )

    test(
      'that no cache holds are stored, but not there for anybody',
      withDatabase(async ({ database, cache }) => {
        await database.chunks.record({ pack: first!, chunks: [sampleChunk('a')] })
        assert.deepEqual(await database.chunks.missing({ cacheId: cache.id }, [hex('a')]), [hex('a')])
        assert.deepEqual(await database.chunks.stored([hex('a'), hex('x')]), [hex('a')])
      }),
    )

    test(
      'are there for whom a cache that holds them may be read by',
      withDatabase(async (given) => {
        const { publicCache, hidden, sibling } = await caches(given)
        const { database, cache } = given
        await recordChunks(database, publicCache, ['public'])
        await recordChunks(database, hidden, ['hidden'])
        await recordChunks(database, sibling, ['sibling'])
        const names = ['public', 'hidden', 'sibling'].map(hex)
        const missingFor = (reader: ChunkReader) => database.chunks.missing(reader, names)
        const ofToken = { cacheId: cache.id }
        assert.deepEqual(await missingFor(ofToken), [hex('hidden'), hex('sibling')])
        assert.deepEqual(await missingFor({ ...ofToken, accountId: cache.accountId }), [hex('hidden')])
        assert.deepEqual(await missingFor({ cacheId: hidden.id }), [hex('sibling')])
      }),
    )

    test(
      'stay where they are when they are recorded again',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a'])
        const again = { ...sampleChunk('a'), offset: 99, length: 1, layout: new Uint8Array(0) }
        await database.chunks.record({ pack: second!, chunks: [again] })
        assert.deepEqual(await database.chunks.find({ cacheId: cache.id }, [hex('a')]), [sampleChunk('a')])
      }),
    )

    test(
      'of a damaged pack are missing until it, or they in another pack, are recorded again',
      withDatabase(async ({ database, cache }) => {
        const reader = { cacheId: cache.id }
        const names = ['a', 'b'].map(hex)
        await recordChunks(database, cache, ['a', 'b'])
        await database.packs.markDamaged(first!.name)
        assert.deepEqual(await database.chunks.missing(reader, names), names)
        assert.deepEqual(await database.chunks.find(reader, names), [])
        assert.deepEqual(await database.chunks.stored(names), [])

        const moved = { ...sampleChunk('a'), offset: 99, length: 1, layout: new Uint8Array(0) }
        await database.chunks.record({ pack: second!, chunks: [moved] })
        assert.deepEqual(await database.chunks.find(reader, names), [{ ...moved, pack: second!.name }])
        await database.chunks.record({ pack: first!, chunks: [] })
        assert.deepEqual(await database.chunks.missing(reader, names), [])
        const found = await database.chunks.find(reader, names)
        assert.equal(found.find(({ name }) => name === hex('a'))?.offset, 99)
      }),
    )

    test(
      'that were forgotten are gone until they are sent again',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a', 'b'])
        await database.chunks.forget([hex('a'), hex('x')])
        assert.deepEqual(await database.chunks.missing({ cacheId: cache.id }, ['a', 'b'].map(hex)), [
          hex('a'),
        ])
        await recordChunks(database, cache, ['a'])
        assert.deepEqual(await database.chunks.missing({ cacheId: cache.id }, [hex('a')]), [])
      }),
    )

    test(
      'recorded by several at once, in any order, are recorded once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const databases = [database, await openAnother()]
        const names = Array.from({ length: 1200 }, (_, index) => `chunk ${index}`)
        await Promise.all(
          Array.from({ length: 6 }, (_, index) =>
            recordChunks(databases[index % 2]!, cache, index % 3 === 0 ? names.toReversed() : names),
          ),
        )
        const found = await database.chunks.find({ cacheId: cache.id }, names.map(hex))
        assert.equal(found.length, names.length)
      }),
    )

    test(
      'are asked about by tens of thousands',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['25000'])
        const names = Array.from({ length: 32_768 }, (_, index) => hex(String(index)))
        const missing = await database.chunks.missing({ cacheId: cache.id }, names)
        assert.deepEqual(missing, names.toSpliced(25_000, 1))
      }),
    )

    test(
      'are not held by a cache that does not exist',
      withDatabase(async ({ database }) => {
        await database.chunks.record({ pack: first!, chunks: [sampleChunk('a')] })
        await assert.rejects(database.chunks.hold(987_654, [hex('a')]), { code: 'not-found' })
      }),
    )
  })
}

/** Besides `demo`, which is public: two of another account, and a private one of the same. */
async function caches({ database, cache }: Given) {
  const { id: accountId } = await database.accounts.create('somebody else')
  const other = { ...cache, accountId }
  return {
    publicCache: await createCache(database, other, { name: 'public' }),
    hidden: await createCache(database, other, { name: 'hidden', isPublic: false }),
    sibling: await createCache(database, cache, { name: 'sibling', isPublic: false }),
  }
}
