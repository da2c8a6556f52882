import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CacheDatabase } from '../cache-database.ts'
import type { DatabaseTest, Given } from './database-under-test.ts'
import {
  hex,
  publishSample,
  recordChunks,
  recordPacks,
  sampleChunk,
  sampleNar,
  samplePacks,
  samplePath,
  storeHash,
} from './sample-data.ts'
import { sampleUpload } from './upload-table.conformance.ts'

const [first, second] = samplePacks(2)
const page = { after: '', limit: 100 }

/** For grace periods without any length. */
function now(): number {
  return Date.now()
}

async function namesOf(database: CacheDatabase): Promise<string[]> {
  return (await database.upkeep.packs(page)).map((pack) => pack.name)
}

/** Notes the pack as unneeded and retires it. Gives the names of what is retired. */
async function retire({ upkeep }: CacheDatabase, pack: string): Promise<readonly string[]> {
  await upkeep.noteUnneeded([pack])
  return upkeep.retire(10, now())
}

const keepFile = async (): Promise<void> => {}
const cannotErase = (): Promise<void> => Promise.reject(new Error('no'))

export function describeCollection(withDatabase: DatabaseTest): void {
  describe('a pack that nothing needs', () => {
    test(
      'is noted, retired and removed, with its chunks and its upload',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a'])
        const reader = { cacheId: cache.id }
        const { upkeep } = database
        assert.deepEqual(await upkeep.retire(10, now()), [])
        assert.equal(await upkeep.remove(first!.name, now(), keepFile), false)
        assert.deepEqual(await retire(database, first!.name), [first!.name])
        assert.equal(await database.packs.isSound(first!.name), false)
        assert.deepEqual(await database.chunks.missing(reader, [hex('a')]), [hex('a')])
        assert.deepEqual(await upkeep.retire(10, now()), [first!.name])

        const erased: string[] = []
        const erase = async () => void erased.push(first!.name)
        assert.equal(await upkeep.remove(first!.name, now(), erase), true)
        assert.equal(await upkeep.remove(first!.name, now(), erase), false)
        assert.deepEqual(erased, [first!.name])
        assert.deepEqual(await namesOf(database), [])
        await recordChunks(database, cache, ['a'])
        assert.deepEqual(await database.chunks.missing(reader, [hex('a')]), [])
      }),
    )

    test(
      'with an upload takes that with it',
      withDatabase(async ({ database, cache }) => {
        await database.uploads.record(cache.id, sampleUpload)
        await retire(database, sampleUpload.fileHash)
        assert.equal(await database.uploads.find(cache.id, sampleUpload.fileHash), undefined)
        assert.equal(await database.upkeep.remove(sampleUpload.fileHash, now(), keepFile), true)
        assert.deepEqual(await namesOf(database), [])
      }),
    )

    test(
      'waits for its grace period',
      withDatabase(async ({ database }) => {
        await recordPacks(database, [first!, second!])
        await database.upkeep.noteUnneeded([first!.name, second!.name, hex('unknown')])
        assert.deepEqual(await database.upkeep.retire(10, Date.now() - 60_000), [])
        assert.equal((await database.upkeep.retire(1, now())).length, 1)
        assert.equal((await database.upkeep.retire(10, now())).length, 2)
      }),
    )

    const reminders: Record<string, (given: Given) => Promise<unknown>> = {
      'was told to be there': ({ database, cache }) =>
        database.chunks.missing({ cacheId: cache.id }, [hex('a')]),
      'was found': ({ database, cache }) => database.chunks.find({ cacheId: cache.id }, [hex('a')]),
      'was found to be stored': ({ database }) => database.chunks.stored([hex('a')]),
      'is about to be put': ({ database }) => database.packs.lease(first!.name),
      'was recorded again': ({ database }) => recordPacks(database, [first!]),
      'is needed by a new path': ({ database, cache }) =>
        database.paths.publish(cache.id, [samplePath('hello')]),
    }
    for (const [what, remind] of Object.entries(reminders)) {
      test(
        `has its grace period again once it ${what}`,
        withDatabase(async (given) => {
          const { database, cache } = given
          await recordChunks(database, cache, ['a'])
          await database.upkeep.noteUnneeded([first!.name])
          await remind(given)
          assert.deepEqual(await database.upkeep.retire(10, now()), [])
        }),
      )
    }

    test(
      'has its grace period again once its upload was found',
      withDatabase(async ({ database, cache }) => {
        await database.uploads.record(cache.id, sampleUpload)
        await database.upkeep.noteUnneeded([sampleUpload.fileHash])
        assert.deepEqual(await database.uploads.find(cache.id, sampleUpload.fileHash), sampleUpload)
        assert.deepEqual(await database.upkeep.retire(10, now()), [])
      }),
    )

    test(
      'is not removed once it was recorded, or is about to be put, after it was retired',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a'])
        await recordPacks(database, [second!])
        await retire(database, first!.name)
        await retire(database, second!.name)
        await recordPacks(database, [first!])
        await database.packs.lease(second!.name)
        for (const { name } of [first!, second!]) {
          assert.equal(await database.upkeep.remove(name, now(), keepFile), false)
        }
        assert.deepEqual(await database.chunks.missing({ cacheId: cache.id }, [hex('a')]), [])
      }),
    )

    test(
      'stays as it was when its file cannot be erased',
      withDatabase(async ({ database }) => {
        await recordPacks(database, [first!])
        await database.chunks.record({ pack: first!, chunks: [sampleChunk('a')] })
        await retire(database, first!.name)
        await assert.rejects(database.upkeep.remove(first!.name, now(), cannotErase), /no/)
        assert.deepEqual(await namesOf(database), [first!.name])
        assert.equal((await database.upkeep.chunksIn(first!.name)).length, 1)
      }),
    )
  })

  describe('a pack that a NAR needs', () => {
    test(
      'is neither noted nor retired nor removed, until the NAR has no path',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        assert.deepEqual(await retire(database, first!.name), [])
        await database.packs.markDamaged(first!.name)
        assert.equal(await database.upkeep.remove(first!.name, now(), keepFile), false)
        assert.equal(await database.upkeep.dropNars(10), 0)

        await recordPacks(database, [second!])
        const nar = { ...sampleNar('hello'), fileHash: hex('another') }
        await database.paths.publish(cache.id, [samplePath('hello', { nar, packs: [second!.name] })])
        assert.equal(await database.upkeep.dropNars(10), 1)
        assert.deepEqual(await database.upkeep.nars(page), [await narOf(database, nar.fileHash)])
        assert.deepEqual(await retire(database, first!.name), [first!.name])
        const hash = storeHash('hello')
        assert.notEqual(await database.paths.listing(cache.id, hash), undefined)
      }),
    )
  })

  describe('a file that belongs to nothing', () => {
    test(
      'is adopted as a pack that nothing needs, unless it is recorded',
      withDatabase(async ({ database }) => {
        await recordPacks(database, [first!])
        const names = [first!.name, second!.name]
        assert.deepEqual(await database.upkeep.unrecorded(names), [second!.name])
        await database.upkeep.adopt([first!, second!])
        await database.upkeep.adopt([])
        assert.equal(await database.packs.isSound(first!.name), true)
        assert.equal(await database.packs.isSound(second!.name), false)
        assert.deepEqual(await database.upkeep.retire(10, Date.now() - 60_000), [])
        assert.deepEqual(await database.upkeep.retire(10, now()), [second!.name])
      }),
    )
  })
}

async function narOf(database: CacheDatabase, fileHash: string) {
  return (await database.upkeep.nars(page)).find((nar) => nar.fileHash === fileHash)
}
