import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cache, CacheDatabase, NewPath } from '../cache-database.ts'
import type { DatabaseTest } from './database-under-test.ts'
import {
  baseName,
  createCache,
  hex,
  recordPacks,
  sampleNar,
  samplePacks,
  samplePath,
  storeHash,
} from './sample-data.ts'

/** Publishes the path of that name, alone, as somebody who sends paths in any order. */
async function send(
  database: CacheDatabase,
  cache: Cache,
  { name, ...change }: { readonly name: string } & Partial<NewPath>,
): Promise<string | undefined> {
  await recordPacks(database, samplePacks())
  const results = await database.paths.publish(cache.id, [samplePath(name, change)], { mayWait: true })
  return results.at(0)?.outcome
}

async function visible(database: CacheDatabase, cache: Cache, names: readonly string[]): Promise<string[]> {
  const missing = new Set(await database.paths.missing(cache.id, names.map(storeHash)))
  return names.filter((name) => !missing.has(storeHash(name)))
}

const top = { name: 'top', references: [baseName('middle'), baseName('leaf'), baseName('top')] }
const middle = { name: 'middle', references: [baseName('leaf')] }
const leaf = { name: 'leaf' }
const names = ['top', 'middle', 'leaf']

export function describeWaitingPaths(withDatabase: DatabaseTest): void {
  describe('paths that may wait', () => {
    test(
      'are seen by nobody until everything they refer to is there, then all at once',
      withDatabase(async ({ database, cache }) => {
        assert.equal(await send(database, cache, top), 'waiting')
        assert.equal(await send(database, cache, middle), 'waiting')
        assert.deepEqual(await visible(database, cache, names), [])
        assert.equal(await database.paths.find(cache.id, storeHash('top')), undefined)
        assert.equal(await database.nars.findPublished('demo', sampleNar('top').fileHash), undefined)
        assert.equal(await send(database, cache, leaf), 'published')
        assert.deepEqual(await visible(database, cache, names), names)
        const found = await database.paths.find(cache.id, storeHash('top'))
        assert.deepEqual(found?.references, top.references.toSorted())
        assert.equal(await send(database, cache, top), 'already-there')
      }),
    )

    test(
      'are released by those who publish in order, too',
      withDatabase(async ({ database, cache }) => {
        await send(database, cache, middle)
        await database.paths.publish(cache.id, [samplePath('leaf')])
        assert.deepEqual(await visible(database, cache, names), ['middle', 'leaf'])
      }),
    )

    test(
      'of many senders at once all become visible',
      withDatabase(async ({ database, cache, openAnother }) => {
        const another = await openAnother()
        const many = Array.from({ length: 12 }, (_, i) => ({
          name: `path-${i}`,
          references: i === 11 ? [] : [baseName(`path-${i + 1}`)],
        }))
        await recordPacks(database, samplePacks())
        await Promise.all(many.map((path, i) => send(i % 2 ? another : database, cache, path)))
        const all = many.map((path) => path.name)
        assert.deepEqual(await visible(database, cache, all), all)
      }),
    )

    test(
      'tell their NAR hash to whoever sends them again, and the last one counts',
      withDatabase(async ({ database, cache }) => {
        await send(database, cache, middle)
        assert.equal(
          await database.paths.findWaiting(cache.id, storeHash('middle')),
          sampleNar('middle').narHash,
        )
        await send(database, cache, { ...middle, nar: sampleNar('other') })
        assert.equal(
          await database.paths.findWaiting(cache.id, storeHash('middle')),
          sampleNar('other').narHash,
        )
        await send(database, cache, leaf)
        const found = await database.paths.find(cache.id, storeHash('middle'))
        assert.equal(found?.narHash, sampleNar('other').narHash)
        assert.equal(await database.paths.findWaiting(cache.id, storeHash('middle')), undefined)
      }),
    )

    test(
      'wait for their own cache only',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        await send(database, cache, middle)
        await send(database, other, leaf)
        assert.deepEqual(await visible(database, cache, names), [])
        assert.equal(await database.paths.findWaiting(other.id, storeHash('middle')), undefined)
      }),
    )

    test(
      'keep what they need from collection, until they have waited for too long',
      withDatabase(async ({ database, cache }) => {
        await send(database, cache, middle)
        assert.equal(await database.upkeep.dropNars(10), 0)
        assert.equal(await database.upkeep.dropWaiting(Date.now() - 60_000), 0)
        assert.equal(await database.upkeep.dropWaiting(Date.now() + 1), 1)
        assert.equal(await database.upkeep.dropNars(10), 1)
        await send(database, cache, leaf)
        assert.deepEqual(await visible(database, cache, names), ['leaf'])
      }),
    )

    test(
      'do not become visible when their bytes were damaged meanwhile',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks(2))
        await send(database, cache, { ...middle, packs: [hex('pack 1')] })
        await database.packs.markDamaged(hex('pack 1'))
        assert.equal(await send(database, cache, leaf), 'published')
        assert.deepEqual(await visible(database, cache, names), ['leaf'])
        await recordPacks(database, samplePacks(2))
        assert.equal(await send(database, cache, { ...middle, packs: [hex('pack 1')] }), 'published')
      }),
    )
  })
}
