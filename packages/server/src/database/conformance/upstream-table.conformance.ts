import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cache, CacheDatabase } from '../cache-database.ts'
import type { DatabaseTest } from './database-under-test.ts'
import { baseName, publishSample, recordPacks, samplePacks, samplePath, storeHash } from './sample-data.ts'

const upstream = { url: 'https://up.example', publicKeys: ['up.example-1:AAAA', 'up.example-2:BBBB'] }

/** Declares the upstream and says that it has paths of these names. */
async function declare(database: CacheDatabase, cache: Cache, names: readonly string[]): Promise<void> {
  await database.upstreams.add(cache.id, upstream)
  const upstreamId = (await database.upstreams.list(cache.id)).at(-1)!.id
  const paths = names.map((name) => ({ upstreamId, storeHash: storeHash(name), storeName: name }))
  await database.upstreams.recordPaths(cache.id, paths)
}

export function describeUpstreamTable(withDatabase: DatabaseTest): void {
  describe('upstreams', () => {
    test(
      'are made with the cache or added to it; adding one again replaces its keys',
      withDatabase(async ({ database, cache }) => {
        const other = await database.caches.create({ ...cache, name: 'other', upstreams: [upstream] })
        const declared = async ({ id }: Cache) =>
          (await database.upstreams.list(id)).map(({ url, publicKeys }) => ({ url, publicKeys }))
        assert.deepEqual(await declared(other), [upstream])
        assert.deepEqual(await declared(cache), [])
        await database.upstreams.add(cache.id, upstream)
        await database.upstreams.add(cache.id, { url: 'http://b', publicKeys: [] })
        await database.upstreams.add(cache.id, { ...upstream, publicKeys: ['up.example-3:CCCC'] })
        assert.deepEqual(await declared(cache), [
          { url: upstream.url, publicKeys: ['up.example-3:CCCC'] },
          { url: 'http://b', publicKeys: [] },
        ])
        assert.deepEqual(await database.upstreams.remove(cache.id, 'http://b'), { outcome: 'removed' })
        assert.deepEqual(await database.upstreams.remove(cache.id, 'http://b'), { outcome: 'absent' })
      }),
    )

    test(
      'are known to have paths, each once, for this cache only',
      withDatabase(async ({ database, cache }) => {
        const other = await database.caches.create({ ...cache, name: 'other' })
        await declare(database, cache, ['libc'])
        await declare(database, cache, ['libc', 'zlib'])
        const asked = ['libc', 'absent', 'zlib'].map(storeHash)
        assert.deepEqual(
          [...(await database.upstreams.known(cache.id, asked))].sort(),
          ['libc', 'zlib'].map(storeHash).sort(),
        )
        assert.equal((await database.upstreams.known(other.id, asked)).size, 0)
        const gone = { upstreamId: 987_654, storeHash: storeHash('absent'), storeName: 'absent' }
        await database.upstreams.recordPaths(cache.id, [gone])
        assert.equal((await database.upstreams.known(cache.id, asked)).size, 2)
      }),
    )

    test(
      'make up for references that the cache lacks, if the names are the same',
      withDatabase(async ({ database, cache }) => {
        await declare(database, cache, ['libc'])
        const references = [baseName('libc')]
        assert.deepEqual(await publishSample(database, cache, { name: 'app', change: { references } }), {
          outcome: 'published',
        })
        const misnamed = [`${storeHash('libc')}-other`]
        const refused = await publishSample(database, cache, {
          name: 'bad',
          change: { references: misnamed },
        })
        assert.deepEqual(refused, { outcome: 'missing-references', references: misnamed })
      }),
    )

    test(
      'let paths that waited for what they have be visible',
      withDatabase(async ({ database, cache }) => {
        await recordPacks(database, samplePacks())
        const path = samplePath('app', { references: [baseName('libc')] })
        const [result] = await database.paths.publish(cache.id, [path], { mayWait: true })
        assert.equal(result?.outcome, 'waiting')
        await declare(database, cache, ['libc'])
        assert.deepEqual(await database.paths.missing(cache.id, [storeHash('app')]), [])
      }),
    )

    test(
      'stay while a path counts on them, until the cache has what it needs itself',
      withDatabase(async ({ database, cache }) => {
        await declare(database, cache, ['libc', 'zlib'])
        const references = [baseName('libc')]
        await publishSample(database, cache, { name: 'app', change: { references } })
        const inUse = { outcome: 'in-use', paths: 1 }
        assert.deepEqual(await database.upstreams.remove(cache.id, upstream.url), inUse)
        assert.equal((await database.upstreams.list(cache.id)).length, 1)
        await publishSample(database, cache, { name: 'libc' })
        assert.deepEqual(await database.upstreams.remove(cache.id, upstream.url), { outcome: 'removed' })
        assert.deepEqual(await database.paths.missing(cache.id, ['app', 'libc'].map(storeHash)), [])
      }),
    )
  })
}
