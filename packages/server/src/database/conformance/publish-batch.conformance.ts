import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
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

export function describePublishBatch(withDatabase: DatabaseTest): void {
  describe('publish of a batch', () => {
    test(
      'of which some are there, twice in it, in conflict or of one NAR does to each what it would alone',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks(2))
        await publishSample(database, cache, { name: 'old', change: { signatures: ['a-1:x'] } })
        const nar = { ...sampleNar('twin'), buildIds: ['ab'.repeat(20)] }
        const paths = [
          samplePath('new', { references: ['old', 'new'].map(baseName).toSorted() }),
          samplePath('old', { signatures: ['b-1:y'] }),
          samplePath('twin-1', { nar, packs: [hex('pack 0'), hex('pack 1'), hex('pack 0')] }),
          samplePath('old', { signatures: ['c-1:z'] }),
          samplePath('twin-2', { nar, references: [baseName('twin-1')] }),
          samplePath('new', { nar: sampleNar('other') }),
          samplePath('last', { references: ['new', 'old', 'twin-2'].map(baseName) }),
        ]
        const results = await database.paths.publish(cache.id, paths)
        assert.deepEqual(
          results.map(({ outcome }) => outcome),
          ['published', 'already-there', 'published', 'already-there', 'published', 'conflict', 'published'],
        )
        const old = await database.paths.find(cache.id, storeHash('old'))
        assert.deepEqual(old?.signatures, ['a-1:x', 'b-1:y', 'c-1:z'])
        const twin = await database.paths.find(cache.id, storeHash('twin-2'))
        assert.equal(twin?.fileHash, nar.fileHash)
        assert.equal((await database.nars.findDebugFile('demo', 'ab'.repeat(20)))?.fileHash, nar.fileHash)
        await database.packs.markDamaged(hex('pack 1'))
        const names = ['new', 'old', 'twin-1', 'twin-2', 'last']
        const missing = await database.paths.missing(cache.id, names.map(storeHash))
        assert.deepEqual(missing, ['twin-1', 'twin-2'].map(storeHash))
      }),
    )

    test(
      'mends what was damaged, and lets the rest of them need it and what else is back with it',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks(2))
        const packs = [hex('pack 1')]
        const shared = { nar: sampleNar('shared'), packs }
        const before = ['mended', 'back'].map((name) => samplePath(name, shared))
        await database.paths.publish(cache.id, before)
        await database.packs.markDamaged(hex('pack 1'))
        const results = await database.paths.publish(cache.id, [
          samplePath('early', { references: [baseName('back')] }),
          samplePath('new'),
          samplePath('mended', { ...shared, packs: [hex('pack 0')], references: [baseName('new')] }),
          samplePath('late', { references: ['back', 'mended', 'new'].map(baseName) }),
        ])
        assert.deepEqual(results, [
          { outcome: 'missing-references', references: [baseName('back')] },
          { outcome: 'published' },
          { outcome: 'published' },
          { outcome: 'published' },
        ])
      }),
    )

    test(
      'takes hundreds at once, each of which needs several',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks())
        const names = Array.from({ length: 350 }, (_, index) => `path-${index}`)
        const paths = names.map((name, index) =>
          samplePath(name, { references: names.slice(Math.max(0, index - 5), index + 1).map(baseName) }),
        )
        const results = await database.paths.publish(cache.id, paths)
        assert.ok(results.every(({ outcome }) => outcome === 'published'))
        assert.deepEqual(await database.paths.missing(cache.id, names.map(storeHash)), [])
      }),
    )
  })
}
