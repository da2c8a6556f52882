import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cache, CacheDatabase } from '../cache-database.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { baseName, publishSample, sampleNar, storeHash } from './sample-data.ts'

const everything = { after: '', limit: 100 }

function publish(database: CacheDatabase, cache: Cache, signatures: Readonly<Record<string, string[]>>) {
  return Promise.all(
    Object.entries(signatures).map(([name, each]) =>
      publishSample(database, cache, { name, change: { signatures: each } }),
    ),
  )
}

async function namesWithout(database: CacheDatabase, cache: Cache, keyNames: readonly string[]) {
  const paths = await database.signatures.without(cache.id, keyNames, everything)
  return paths.map((path) => path.storeName).sort()
}

/** What `add` is told of the path of that name. */
function signable(name: string, references: readonly string[] = []) {
  const { narHash, narSize } = sampleNar(name)
  return { storeHash: storeHash(name), storeName: name, narHash, narSize, references }
}

export function describeSignatureTable(withDatabase: DatabaseTest): void {
  describe('signatures', () => {
    test(
      'are looked for by the whole name of a key',
      withDatabase(async ({ database, cache }) => {
        await publish(database, cache, {
          none: [],
          first: ['k-1:x'],
          both: ['k-1:x', 'k-2:y'],
          other: ['K-1:x', 'kk-1:x', 'k-11:x', "a%_!'-1:x"],
        })
        assert.deepEqual(await namesWithout(database, cache, ['k-1']), ['none', 'other'])
        assert.deepEqual(await namesWithout(database, cache, ['k-2']), ['first', 'none', 'other'])
        assert.deepEqual(await namesWithout(database, cache, ['k-2', 'K-1']), ['first', 'none'])
        assert.deepEqual(await namesWithout(database, cache, ["a%_!'-1"]), ['both', 'first', 'none'])
        assert.deepEqual(await namesWithout(database, cache, ['%']), ['both', 'first', 'none', 'other'])
        assert.equal(await database.signatures.countWithout(cache.id, ['k-1']), 2)
      }),
    )

    test(
      'are lacking in pages, in the order of store hashes, of this cache only',
      withDatabase(async ({ database, cache }) => {
        const other = await database.caches.create({ ...cache, name: 'other' })
        const names = ['a', 'b', 'c', 'd', 'e']
        await publish(database, cache, Object.fromEntries(names.map((name) => [name, []])))
        await publish(database, other, { z: [] })
        const seen: string[] = []
        for (let after = ''; ;) {
          const page = await database.signatures.without(cache.id, ['k'], { after, limit: 2 })
          const last = page.at(-1)
          if (last === undefined) break
          seen.push(...page.map((path) => path.storeHash))
          after = last.storeHash
        }
        assert.deepEqual(seen, names.map(storeHash).sort())
      }),
    )

    test(
      'are added once, to the very path they were made for',
      withDatabase(async ({ database, cache }) => {
        const references = [baseName('self')]
        await publishSample(database, cache, { name: 'self', change: { references, signatures: ['a:1'] } })
        const add = (change: object) =>
          database.signatures.add(cache.id, [
            { ...signable('self', references), signatures: ['b:2'], ...change },
          ])
        assert.deepEqual(await add({ narHash: 'sha256:other' }), ['gone'])
        assert.deepEqual(await add({ narSize: 1 }), ['gone'])
        assert.deepEqual(await add({ references: [] }), ['gone'])
        assert.deepEqual(await add({ storeName: 'other' }), ['gone'])
        assert.deepEqual(await add({ storeHash: storeHash('absent') }), ['gone'])
        assert.deepEqual(await add({}), ['added'])
        assert.deepEqual(await add({}), ['already-there'])
        const path = await database.paths.find(cache.id, storeHash('self'))
        assert.deepEqual(path?.signatures, ['a:1', 'b:2'])
      }),
    )

    test(
      'that two processes add at once are both kept',
      withDatabase(async ({ database, cache, openAnother }) => {
        await publish(database, cache, { shared: [] })
        const another = await openAnother()
        await Promise.all(
          [database, another].map(({ signatures }, index) =>
            signatures.add(cache.id, [{ ...signable('shared'), signatures: [`k-${index}:x`] }]),
          ),
        )
        const path = await database.paths.find(cache.id, storeHash('shared'))
        assert.deepEqual([...(path?.signatures ?? [])].sort(), ['k-0:x', 'k-1:x'])
      }),
    )
  })
}
