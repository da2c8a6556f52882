import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Upload } from '../upload-table.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { createCache, hex, sampleNar } from './sample-data.ts'

export const sampleUpload: Upload = {
  fileHash: hex('upload'),
  fileSize: 2 ** 40,
  narHash: sampleNar('upload').narHash,
  narSize: 2 ** 41,
  compression: 'xz',
}

export function describeUploadTable(withDatabase: DatabaseTest): void {
  const { fileHash } = sampleUpload

  describe('uploads', () => {
    test(
      'are found for the cache they were sent to, and for no other',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        assert.equal(await database.uploads.find(cache.id, fileHash), undefined)
        await database.uploads.record(cache.id, sampleUpload)
        assert.deepEqual(await database.uploads.find(cache.id, fileHash), sampleUpload)
        assert.equal(await database.uploads.find(other.id, fileHash), undefined)
        assert.equal(await database.packs.isSound(fileHash), true)
      }),
    )

    test(
      'may be recorded by many at once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const databases = [database, await openAnother()]
        const recordings = Array.from({ length: 10 }, (_, index) =>
          databases[index % 2]!.uploads.record(cache.id, sampleUpload),
        )
        await Promise.all(recordings)
        assert.deepEqual(await database.uploads.find(cache.id, fileHash), sampleUpload)
      }),
    )

    test(
      'are not there while their pack is damaged',
      withDatabase(async ({ database, cache }) => {
        await database.uploads.record(cache.id, sampleUpload)
        await database.packs.markDamaged(fileHash)
        assert.equal(await database.uploads.find(cache.id, fileHash), undefined)
        await database.uploads.record(cache.id, sampleUpload)
        assert.deepEqual(await database.uploads.find(cache.id, fileHash), sampleUpload)
      }),
    )

    test(
      'for a cache that does not exist are not recorded',
      withDatabase(async ({ database }) => {
        await assert.rejects(database.uploads.record(987_654, sampleUpload), { code: 'not-found' })
        assert.equal(await database.packs.isSound(fileHash), false)
      }),
    )

    test(
      'are served from when somebody says so until the latest time they were given',
      withDatabase(async ({ database, cache }) => {
        const { uploads } = database
        const other = await createCache(database, cache, { name: 'other', isPublic: false })
        assert.equal(await uploads.findFile('demo', fileHash), undefined)
        await uploads.record(cache.id, sampleUpload)
        await uploads.record(other.id, sampleUpload)
        const file = { isPublic: true, cacheId: cache.id, fileSize: sampleUpload.fileSize, isServed: false }
        assert.deepEqual(await uploads.findFile('demo', fileHash), file)
        await uploads.serve(cache.id, fileHash, Date.now() + 60_000)
        await uploads.serve(cache.id, fileHash, 1)
        await uploads.record(cache.id, sampleUpload)
        assert.deepEqual(await uploads.findFile('demo', fileHash), { ...file, isServed: true })
        const elsewhere = await uploads.findFile('other', fileHash)
        assert.deepEqual([elsewhere?.isPublic, elsewhere?.isServed], [false, false])
        await database.packs.markDamaged(fileHash)
        assert.equal(await uploads.findFile('demo', fileHash), undefined)
      }),
    )

    test(
      'that are served keep their pack from collection, and no longer',
      withDatabase(async ({ database, cache }) => {
        const { uploads, upkeep } = database
        await uploads.record(cache.id, sampleUpload)
        await uploads.serve(cache.id, fileHash, Date.now() + 60_000)
        await upkeep.noteUnneeded([fileHash])
        assert.deepEqual(await upkeep.retire(10, Date.now()), [])
        const past = { ...sampleUpload, fileHash: hex('past') }
        await uploads.record(cache.id, past)
        await uploads.serve(cache.id, past.fileHash, Date.now() - 1)
        await upkeep.noteUnneeded([past.fileHash])
        assert.deepEqual(await upkeep.retire(10, Date.now()), [past.fileHash])
      }),
    )
  })
}
