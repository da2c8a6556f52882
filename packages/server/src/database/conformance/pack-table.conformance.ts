import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CacheDatabase } from '../cache-database.ts'
import type { DatabaseTest } from './database-under-test.ts'
import {
  baseName,
  hex,
  publishSample,
  recordPacks,
  sampleNar,
  samplePacks,
  samplePath,
  storeHash,
} from './sample-data.ts'

export function describePackTable(withDatabase: DatabaseTest): void {
  const [first, second] = samplePacks(2)

  const all = Array<boolean>(5).fill(true)
  const none = all.map(() => false)

  describe('packs', () => {
    test(
      'are sound once recorded, until marked as damaged, and again when recorded again',
      withDatabase(async ({ database }) => {
        const { packs } = database
        assert.equal(await packs.isSound(first!.name), false)
        await packs.markDamaged(first!.name)
        await recordPacks(database, [first!])
        assert.equal(await packs.isSound(first!.name), true)
        await packs.markDamaged(first!.name)
        await packs.markDamaged(first!.name)
        assert.equal(await packs.isSound(first!.name), false)
        await recordPacks(database, [first!])
        assert.equal(await packs.isSound(first!.name), true)
      }),
    )

    test(
      'that are damaged take with them the paths that need them, until all are sound',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, [second!])
        const packs = [first!.name, second!.name]
        await publishSample(database, cache, { name: 'hello', change: { packs } })
        await publishSample(database, cache, { name: 'other' })
        assert.deepEqual(await signsOf(database, cache.id), all)
        for (const name of packs) await database.packs.markDamaged(name)
        assert.deepEqual(await signsOf(database, cache.id), none)
        await recordPacks(database, [first!])
        assert.deepEqual(await signsOf(database, cache.id), none)
        assert.notEqual(await database.paths.find(cache.id, storeHash('other')), undefined)
        await recordPacks(database, [second!])
        assert.deepEqual(await signsOf(database, cache.id), all)
      }),
    )

    test(
      'that are damaged cannot be published with',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, [first!])
        await database.packs.markDamaged(first!.name)
        await assert.rejects(database.paths.publish(cache.id, [samplePath('hello')]), { code: 'damaged' })
      }),
    )
  })

  describe('a path that is damaged', () => {
    test(
      'is mended by publishing the same file again from another pack',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        await database.packs.markDamaged(first!.name)
        await recordPacks(database, [second!])
        const nar = { ...sampleNar('hello'), recipe: new Uint8Array([9]) }
        const mended = samplePath('hello', { nar, packs: [second!.name] })
        assert.deepEqual(await database.paths.publish(cache.id, [mended]), [{ outcome: 'published' }])
        assert.deepEqual(await signsOf(database, cache.id), all)
        assert.deepEqual((await database.nars.findPublished('demo', nar.fileHash))?.recipe, nar.recipe)
      }),
    )

    test(
      'is mended by publishing another file',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'glibc' })
        const references = [baseName('glibc')]
        await publishSample(database, cache, { name: 'hello', change: { references } })
        await database.packs.markDamaged(first!.name)
        await recordPacks(database, [second!])
        const packs = [second!.name]
        const changed = { ...sampleNar('hello'), fileHash: hex('another file') }
        const results = await database.paths.publish(cache.id, [
          samplePath('hello', { nar: changed, packs, references }),
          samplePath('glibc', { packs }),
          samplePath('hello', { nar: changed, packs, references, signatures: ['key-1:x'] }),
        ])
        assert.deepEqual(results, [
          { outcome: 'missing-references', references },
          { outcome: 'published' },
          { outcome: 'published' },
        ])
        const path = await database.paths.find(cache.id, storeHash('hello'))
        assert.deepEqual([path?.fileHash, path?.references], [changed.fileHash, references])
        assert.deepEqual(path?.signatures, ['key-1:x'])
      }),
    )
  })
}

/** Which of the visible things of `hello` are there, by every way to see them. */
async function signsOf(database: CacheDatabase, cacheId: number): Promise<boolean[]> {
  const hash = storeHash('hello')
  const signs = [
    await database.paths.find(cacheId, hash),
    await database.paths.findByCacheName('demo', hash),
    await database.paths.listing(cacheId, hash),
    await database.nars.findPublished('demo', sampleNar('hello').fileHash),
    (await database.paths.missing(cacheId, [hash])).length === 0 || undefined,
  ]
  return signs.map((sign) => sign !== undefined)
}
