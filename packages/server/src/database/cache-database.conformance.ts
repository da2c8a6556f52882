import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeAccountTable } from './conformance/account-table.conformance.ts'
import { describeChunkTable } from './conformance/chunk-table.conformance.ts'
import { describeCacheTable } from './conformance/cache-table.conformance.ts'
import { databaseTest, type DatabaseTest, type EmptyDatabase } from './conformance/database-under-test.ts'
import { describeNarTable } from './conformance/nar-table.conformance.ts'
import { describeObjectTable } from './conformance/object-table.conformance.ts'
import { describeOidcRuleTable } from './conformance/oidc-rule-table.conformance.ts'
import { describePackTable } from './conformance/pack-table.conformance.ts'
import { describePathTable } from './conformance/path-table.conformance.ts'
import { describePinTable } from './conformance/pin-table.conformance.ts'
import { describePublishBatch } from './conformance/publish-batch.conformance.ts'
import { describePublish } from './conformance/publish.conformance.ts'
import {
  baseName,
  hex,
  publishSample,
  recordChunks,
  sampleChunk,
  sampleNar,
  storeHash,
} from './conformance/sample-data.ts'
import { describeWaitingPaths } from './conformance/waiting-paths.conformance.ts'
import { describeTokenTable } from './conformance/token-table.conformance.ts'
import { describeCollection } from './conformance/collection.conformance.ts'
import { describeSignatureTable } from './conformance/signature-table.conformance.ts'
import { describeSigningKeyTable } from './conformance/signing-key-table.conformance.ts'
import { describeStock } from './conformance/stock.conformance.ts'
import { describeUpstreamTable } from './conformance/upstream-table.conformance.ts'
import { describeUploadTable, sampleUpload } from './conformance/upload-table.conformance.ts'

/** What every adapter of the port must do. Each test takes an empty database and removes it. */
export function describeCacheDatabase(name: string, createEmpty: () => Promise<EmptyDatabase>): void {
  const withDatabase = databaseTest(createEmpty)
  describe(`${name} is a cache database`, () => {
    describeLifeCycle(createEmpty, withDatabase)
    describeAccountTable(withDatabase)
    describeTokenTable(withDatabase)
    describeOidcRuleTable(withDatabase)
    describeCacheTable(withDatabase)
    describeSigningKeyTable(withDatabase)
    describeUpstreamTable(withDatabase)
    describePackTable(withDatabase)
    describeChunkTable(withDatabase)
    describeUploadTable(withDatabase)
    describeObjectTable(withDatabase)
    describeNarTable(withDatabase)
    describePathTable(withDatabase)
    describePublish(withDatabase)
    describePublishBatch(withDatabase)
    describeSignatureTable(withDatabase)
    describeWaitingPaths(withDatabase)
    describePinTable(withDatabase)
    describeCollection(withDatabase)
    describeStock(withDatabase)
  })
}

function describeLifeCycle(createEmpty: () => Promise<EmptyDatabase>, withDatabase: DatabaseTest): void {
  test(
    'ping resolves while the database is open, and rejects once it was closed, maybe twice',
    withDatabase(async ({ openAnother }) => {
      const another = await openAnother()
      await another.ping()
      await another.close()
      await another.close()
      await assert.rejects(another.ping())
    }),
  )

  test('several servers may start at once on an empty database', async () => {
    const empty = await createEmpty()
    const databases = await Promise.all(Array.from({ length: 4 }, () => empty.open()))
    await Promise.all(databases.map(({ accounts }, index) => accounts.create(`account ${index}`)))
    assert.equal(await databases[0]!.accounts.count(), 4)
    await Promise.all(databases.map((database) => database.close()))
    await empty.remove()
  })

  test('everything is still there after closing and opening', async () => {
    const empty = await createEmpty()
    const withEmpty = databaseTest(async () => ({ ...empty, remove: async () => {} }))
    await withEmpty(async ({ database, cache }) => {
      const { accountId } = cache
      await database.tokens.create({ accountId, hash: hex('t'), kind: 'personal', description: '' })
      await database.keys.add(cache.id, { name: 'demo-1', publicKey: 'AAAA', sealedSecret: undefined })
      const change = { references: [baseName('hello')], signatures: ['demo-1:x'] }
      await publishSample(database, cache, { name: 'hello', change })
      await recordChunks(database, cache, ['chunk'])
      await database.uploads.record(cache.id, sampleUpload)
    })()

    const database = await empty.open()
    const cache = await database.caches.find('demo')
    assert.equal(await database.accounts.count(), 1)
    assert.equal((await database.tokens.findByHash(hex('t')))?.accountName, 'owner')
    assert.equal((await database.keys.list(cache!.id))[0]?.name, 'demo-1')
    assert.deepEqual(await database.paths.listing(cache!.id, storeHash('hello')), sampleNar('hello').listing)
    assert.deepEqual(await database.chunks.find({ cacheId: cache!.id }, [hex('chunk')]), [
      sampleChunk('chunk'),
    ])
    assert.deepEqual(await database.uploads.find(cache!.id, sampleUpload.fileHash), sampleUpload)
    const found = await database.paths.findByCacheName('demo', storeHash('hello'))
    assert.deepEqual(found?.path.signatures, ['demo-1:x'])
    await database.close()
    await empty.remove()
  })
}
