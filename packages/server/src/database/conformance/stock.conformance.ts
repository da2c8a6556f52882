import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CacheDatabase } from '../cache-database.ts'
import type { Page } from '../upkeep-table.ts'
import type { DatabaseTest } from './database-under-test.ts'
import {
  baseName,
  createCache,
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

const [first, second, third] = samplePacks(3)
const all = { after: '', limit: 100 }

export function describeStock(withDatabase: DatabaseTest): void {
  describe('the stock', () => {
    test(
      'is told page by page',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, [second!, third!])
        await publishSample(database, cache, { name: 'hello' })
        await database.packs.markDamaged(second!.name)
        const packs = await readAll(
          (page) => database.upkeep.packs(page),
          (pack) => pack.name,
        )
        assert.deepEqual(
          packs.map(({ createdAt: _createdAt, ...pack }) => pack),
          [
            { ...first!, isSound: true, isNeeded: true },
            { ...second!, isSound: false, isNeeded: false },
            { ...third!, isSound: true, isNeeded: false },
          ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        )

        await publishSample(database, cache, { name: 'other' })
        const nars = await readAll(
          (page) => database.upkeep.nars(page),
          (nar) => nar.fileHash,
        )
        const expected = ['hello', 'other'].map(knownNar)
        assert.deepEqual(
          nars,
          expected.toSorted((a, b) => (a.fileHash < b.fileHash ? -1 : 1)),
        )
      }),
    )

    test(
      'has chunks and NARs in packs, sound or not',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a'])
        await database.chunks.record({ pack: first!, chunks: [{ ...sampleChunk('b'), offset: 3 }] })
        await publishSample(database, cache, { name: 'hello' })
        await database.packs.markDamaged(first!.name)
        const { upkeep } = database
        assert.deepEqual(await upkeep.chunksIn(first!.name), [
          { ...sampleChunk('b'), offset: 3 },
          sampleChunk('a'),
        ])
        assert.deepEqual(await upkeep.narsIn(first!.name), [{ ...knownNar('hello'), isDamaged: true }])
        assert.deepEqual(await upkeep.chunksIn(second!.name), [])
        assert.deepEqual(await upkeep.narsIn(second!.name), [])
      }),
    )

    test(
      'is summed up for each cache and for all',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'another' })
        await recordChunks(database, other, ['a', 'b'])
        await publishSample(database, cache, { name: 'hello' })
        await publishSample(database, cache, { name: 'again', change: { nar: sampleNar('hello') } })
        await recordPacks(database, [second!])
        await database.upkeep.noteUnneeded([second!.name])
        const { databaseBytes, ...usage } = await database.upkeep.usage()
        assert.ok(databaseBytes > 1000)
        const { narSize, fileSize } = sampleNar('hello')
        assert.deepEqual(usage, {
          caches: [
            { name: 'another', paths: 0, narBytes: 0, fileBytes: 0, heldBytes: 18 },
            { name: 'demo', paths: 2, narBytes: 2 * narSize, fileBytes: 2 * fileSize, heldBytes: 0 },
          ],
          packs: 2,
          packBytes: first!.size + second!.size,
          unneededBytes: second!.size,
        })
      }),
    )
  })

  describe('moving frames', () => {
    const newRecipe = new Uint8Array([7, 0, 7])
    const moved = { fileHash: sampleNar('hello').fileHash, oldRecipe: sampleNar('hello').recipe, newRecipe }

    test(
      'has NARs and chunks use the new pack, so that nothing needs the old one',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a', 'b'])
        await publishSample(database, cache, { name: 'hello' })
        await database.upkeep.move({
          pack: second!,
          nars: [{ ...moved, packs: [second!.name] }],
          chunks: [{ ...sampleChunk('a'), newOffset: 0 }],
        })
        assert.equal((await packOf(database, first!.name))?.isNeeded, false)
        const nar = await database.nars.findPublished('demo', moved.fileHash)
        assert.deepEqual(nar?.recipe, newRecipe)
        const reader = { cacheId: cache.id }
        assert.deepEqual(await database.chunks.find(reader, [hex('a')]), [
          { ...sampleChunk('a'), pack: second!.name, offset: 0 },
        ])
        assert.deepEqual(await database.chunks.find(reader, [hex('b')]), [sampleChunk('b')])
      }),
    )

    test(
      'leaves alone what has changed',
      withDatabase(async ({ database, cache }) => {
        await recordChunks(database, cache, ['a'])
        await publishSample(database, cache, { name: 'hello' })
        await database.upkeep.move({
          pack: second!,
          nars: [{ ...moved, oldRecipe: new Uint8Array([1]), packs: [second!.name] }],
          chunks: [
            { ...sampleChunk('a'), offset: 1, newOffset: 0 },
            { ...sampleChunk('a'), pack: third!.name, newOffset: 0 },
          ],
        })
        assert.equal((await packOf(database, first!.name))?.isNeeded, true)
        assert.equal((await packOf(database, second!.name))?.isNeeded, false)
        assert.deepEqual(await database.upkeep.chunksIn(first!.name), [sampleChunk('a')])
      }),
    )

    test(
      'out of a damaged pack mends NARs that need no other damaged one',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, [third!])
        const packs = [first!.name, third!.name]
        await publishSample(database, cache, { name: 'hello', change: { packs } })
        for (const name of packs) await database.packs.markDamaged(name)
        await database.upkeep.move({
          pack: second!,
          nars: [{ ...moved, packs: [second!.name, third!.name] }],
          chunks: [],
        })
        assert.equal(await database.paths.find(cache.id, storeHash('hello')), undefined)
        await recordPacks(database, [third!])
        assert.notEqual(await database.paths.find(cache.id, storeHash('hello')), undefined)
      }),
    )
  })

  describe('a NAR that was withdrawn', () => {
    test(
      'is to be pushed again, and is there again when it was',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        const { upkeep } = database
        assert.equal(await upkeep.withdraw({ ...knownNar('hello'), recipe: new Uint8Array([1]) }), false)
        assert.deepEqual(await upkeep.damagedPaths(), [])
        assert.equal(await upkeep.withdraw(knownNar('hello')), true)
        assert.deepEqual(await upkeep.damagedPaths(), [
          { cacheName: 'demo', storePath: `/nix/store/${baseName('hello')}` },
        ])
        await database.packs.markDamaged(first!.name)
        await recordPacks(database, [first!])
        assert.equal(await database.paths.find(cache.id, storeHash('hello')), undefined)
        await database.paths.publish(cache.id, [samplePath('hello')])
        assert.notEqual(await database.paths.find(cache.id, storeHash('hello')), undefined)
        assert.deepEqual(await upkeep.damagedPaths(), [])
      }),
    )
  })
}

/** All rows, read one by one. */
async function readAll<Row>(
  read: (page: Page) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): Promise<Row[]> {
  const rows: Row[] = []
  for (let after = ''; ; after = keyOf(rows.at(-1)!)) {
    const page = await read({ after, limit: 1 })
    if (page.length === 0) return rows
    rows.push(...page)
  }
}

async function packOf(database: CacheDatabase, name: string) {
  return (await database.upkeep.packs(all)).find((pack) => pack.name === name)
}

function knownNar(name: string) {
  const { listing: _listing, buildIds: _buildIds, ...nar } = sampleNar(name)
  return { ...nar, isDamaged: false }
}
