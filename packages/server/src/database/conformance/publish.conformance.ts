import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest, Given } from './database-under-test.ts'
import {
  baseName,
  createCache,
  hex,
  publishSample,
  recordPacks,
  sampleNar,
  samplePacks,
  samplePath,
  storeHash,
} from './sample-data.ts'

export function describePublish(withDatabase: DatabaseTest): void {
  describe('publish', () => {
    test(
      'makes a path visible, to every process at once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const another = await openAnother()
        assert.deepEqual(await publishSample(database, cache, { name: 'hello' }), { outcome: 'published' })
        assert.equal((await another.paths.find(cache.id, storeHash('hello')))?.storeName, 'hello')
      }),
    )

    test(
      'says that the path is already there',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello', change: { deriver: 'first' } })
        const before = await database.paths.find(cache.id, storeHash('hello'))
        const again = await publishSample(database, cache, {
          name: 'hello',
          change: { deriver: 'second', ca: 'x' },
        })
        assert.deepEqual(again, { outcome: 'already-there' })
        assert.deepEqual(await database.paths.find(cache.id, storeHash('hello')), before)
      }),
    )

    test(
      'of the same NAR in another file leaves the file that is there',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        const { fileHash } = sampleNar('other')
        const nar = { ...sampleNar('hello'), fileHash }
        const again = await publishSample(database, cache, { name: 'hello', change: { nar } })
        assert.deepEqual(again, { outcome: 'already-there' })
        const path = await database.paths.find(cache.id, storeHash('hello'))
        assert.equal(path?.fileHash, sampleNar('hello').fileHash)
        assert.equal(await database.nars.findPublished('demo', fileHash), undefined)
      }),
    )

    test(
      'of another NAR, or under another name, is a conflict that changes nothing',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello' })
        const before = await database.paths.find(cache.id, storeHash('hello'))
        const conflict = { outcome: 'conflict', narHash: sampleNar('hello').narHash }
        const signatures = ['key-1:new']
        for (const change of [{ nar: sampleNar('other') }, { storeName: 'hullo' }]) {
          const again = await publishSample(database, cache, {
            name: 'hello',
            change: { ...change, signatures },
          })
          assert.deepEqual(again, conflict)
        }
        assert.deepEqual(await database.paths.find(cache.id, storeHash('hello')), before)
      }),
    )

    test(
      'of one path in two caches is two paths',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        assert.deepEqual(await publishSample(database, cache, { name: 'hello' }), { outcome: 'published' })
        assert.deepEqual(await publishSample(database, other, { name: 'hello' }), { outcome: 'published' })
      }),
    )

    test(
      'needs packs that are recorded, and changes nothing without',
      withDatabase(async ({ database, cache }) => {
        const absent = samplePath('hello', { packs: [hex('absent')] })
        const damaged = { name: 'CacheError', code: 'damaged' }
        await assert.rejects(database.paths.publish(cache.id, [absent]), damaged)
        assert.equal(await database.paths.find(cache.id, storeHash('hello')), undefined)
      }),
    )
  })

  describe('publish of many paths', () => {
    test(
      'makes them visible in the order given, so that each may need those before it',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks())
        const paths = ['glibc', 'zlib', 'hello'].map((name, index, names) =>
          samplePath(name, { references: names.slice(0, index + 1).map(baseName) }),
        )
        const again = await database.paths.publish(cache.id, [...paths, paths[0]!])
        const outcomes = again.map(({ outcome }) => outcome)
        assert.deepEqual(outcomes, ['published', 'published', 'published', 'already-there'])
        assert.deepEqual(
          await database.paths.missing(
            cache.id,
            paths.map((path) => path.storeHash),
          ),
          [],
        )
        assert.deepEqual(await database.paths.publish(cache.id, []), [])
      }),
    )

    test(
      'leaves out those that need what is not there by then, and what needs them, and no others',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks())
        const early = samplePath('early', { references: [baseName('late')] })
        const needsEarly = samplePath('needs-early', { references: [baseName('early')] })
        const results = await database.paths.publish(cache.id, [early, needsEarly, samplePath('late')])
        assert.deepEqual(results, [
          { outcome: 'missing-references', references: [baseName('late')] },
          { outcome: 'missing-references', references: [baseName('early')] },
          { outcome: 'published' },
        ])
      }),
    )

    test(
      'is one transaction',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks())
        const broken = samplePath('broken', { packs: [hex('absent')] })
        await assert.rejects(database.paths.publish(cache.id, [samplePath('hello'), broken]))
        assert.equal(await database.paths.find(cache.id, storeHash('hello')), undefined)
      }),
    )

    test(
      'at once by several, in other orders, for several caches, waits for no one for ever',
      withDatabase(async ({ database, cache, openAnother }) => {
        const databases = [database, await openAnother()]
        const other = await createCache(database, cache, { name: 'other' })
        await recordPacks(database, samplePacks())
        const paths = Array.from({ length: 30 }, (_, index) => samplePath(`path-${index}`))
        const results = await Promise.all(
          Array.from({ length: 8 }, (_, index) => {
            const inOrder = index % 2 === 0 ? paths : paths.toReversed()
            return databases[index % 2]!.paths.publish(index < 4 ? cache.id : other.id, inOrder)
          }),
        )
        const published = results.flat().filter(({ outcome }) => outcome === 'published')
        assert.equal(published.length, 2 * paths.length)
      }),
    )
  })

  describe('publish of references', () => {
    test(
      'names those that are not visible in this cache, and changes nothing',
      withDatabase(async ({ database, cache }) => {
        const other = await createCache(database, cache, { name: 'other' })
        await publishSample(database, cache, { name: 'glibc' })
        await publishSample(database, other, { name: 'elsewhere' })
        const references = ['glibc', 'hello', 'elsewhere', 'absent'].map(baseName).toSorted()
        const wrongName = `${storeHash('glibc')}-other-name`
        const result = await publishSample(database, cache, {
          name: 'hello',
          change: { references: [...references, wrongName] },
        })
        assert.equal(result.outcome, 'missing-references')
        const missing = result.references.toSorted()
        assert.deepEqual(missing, [baseName('elsewhere'), baseName('absent'), wrongName].toSorted())
        assert.equal(await database.paths.find(cache.id, storeHash('hello')), undefined)
      }),
    )

    test(
      'takes a path that refers to itself, and one with very many',
      withDatabase(async ({ database, cache }) => {
        const names = Array.from({ length: 100 }, (_, index) => `dependency-${index}`)
        for (const name of names) {
          const change = { references: [baseName(name), baseName(name)] }
          assert.deepEqual(await publishSample(database, cache, { name, change }), { outcome: 'published' })
        }
        const references = [...names, 'hello'].map(baseName)
        const result = await publishSample(database, cache, { name: 'hello', change: { references } })
        assert.deepEqual(result, { outcome: 'published' })
        const path = await database.paths.find(cache.id, storeHash('hello'))
        assert.deepEqual(path?.references, references.toSorted())
        const first = await database.paths.find(cache.id, storeHash(names[0]!))
        assert.deepEqual(first?.references, [baseName(names[0]!)])
      }),
    )
  })

  describe('publish of signatures', () => {
    test(
      'adds those that are new to a path that is there',
      withDatabase(async (given) => {
        assert.deepEqual(await publishSigned(given, ['a-1:x', 'a-1:x']), ['a-1:x'])
        assert.deepEqual(await publishSigned(given, ['b-1:y', 'a-1:x']), ['a-1:x', 'b-1:y'])
        assert.deepEqual(await publishSigned(given, []), ['a-1:x', 'b-1:y'])
      }),
    )

    test(
      'adds none that were made for other references',
      withDatabase(async ({ database, cache }) => {
        await publishSample(database, cache, { name: 'hello', change: { signatures: ['a-1:x'] } })
        const change = { references: [baseName('hello')], signatures: ['b-1:y'] }
        const again = await publishSample(database, cache, { name: 'hello', change })
        assert.deepEqual(again, { outcome: 'already-there' })
        assert.deepEqual((await database.paths.find(cache.id, storeHash('hello')))?.signatures, ['a-1:x'])
      }),
    )
  })

  describe('two publishers at once', () => {
    test(
      'of one path: one publishes, the other finds it there, and no signature is lost',
      withDatabase(async ({ database, cache, openAnother }) => {
        const databases = [database, await openAnother()]
        await publishSample(database, cache, { name: 'glibc' })
        const references = [baseName('glibc')]
        for (let round = 0; round < 10; round++) {
          const name = `hello-${round}`
          const signatures = Array.from({ length: 6 }, (_, index) => `key-${index}:signature`)
          const results = await Promise.all(
            signatures.map((signature, index) =>
              publishSample(databases[index % 2]!, cache, {
                name,
                change: { references, signatures: [signature] },
              }),
            ),
          )
          const outcomes = results.map(({ outcome }) => outcome).toSorted()
          assert.deepEqual(outcomes, [...Array<string>(5).fill('already-there'), 'published'])
          const path = await database.paths.find(cache.id, storeHash(name))
          assert.deepEqual(path?.signatures.toSorted(), signatures)
        }
      }),
    )

    test(
      'of different NARs for one path: one publishes, the others meet a conflict',
      withDatabase(async ({ database, cache, openAnother }) => {
        const databases = [database, await openAnother(), database]
        const files = ['one', 'two', 'three'].map(sampleNar)
        const results = await Promise.all(
          files.map((nar, index) =>
            publishSample(databases[index]!, cache, { name: 'hello', change: { nar } }),
          ),
        )
        const winner = await database.paths.find(cache.id, storeHash('hello'))
        const losers = results.filter(({ outcome }) => outcome !== 'published')
        const conflict = { outcome: 'conflict', narHash: winner?.narHash }
        assert.deepEqual(losers, [conflict, conflict])
      }),
    )
  })
}

async function publishSigned({ database, cache }: Given, signatures: string[]) {
  await publishSample(database, cache, { name: 'hello', change: { signatures } })
  return (await database.paths.find(cache.id, storeHash('hello')))?.signatures
}
