import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import type { Cache } from '../../src/database/cache-database.ts'
import { addSigningKey } from '../../src/services/add-signing-key.ts'
import { reservedCacheNames } from '../../src/services/cache-name.ts'
import { createCache } from '../../src/services/create-cache.ts'
import { findMissing } from '../../src/services/find-missing.ts'
import { secretHalf } from '../../src/services/signing-key.ts'
import { sampleNar, textFile } from './sample-nar.ts'
import { ServiceStage } from './service-stage.ts'

const publicKey = Buffer.alloc(32, 1).toString('base64')

describe('Creating a cache', () => {
  let stage: ServiceStage
  let accountId = 0
  before(async () => {
    stage = await ServiceStage.open()
    accountId = (await stage.database.accounts.create('owner')).id
  })
  after(() => stage.close())

  function create(
    name: string,
    keys: { generateSigningKey?: boolean; publicSigningKey?: string } = {},
  ): Promise<Cache> {
    return createCache(stage, { accountId, name, isPublic: true, generateSigningKey: false, ...keys })
  }

  test('with a key of the client keeps the public half under the name clients compute', async () => {
    const cache = await create('with-key', { publicSigningKey: publicKey })
    const [{ name, ...key } = assert.fail(), ...others] = await stage.database.keys.list(cache.id)
    assert.deepEqual(
      [name, key.publicKey, key.sealedSecret, others],
      ['with-key.localhost-1', publicKey, undefined, []],
    )
    assert.deepEqual([cache.storeDir, cache.priority, cache.isPublic], ['/nix/store', 41, true])
  })

  test('with a key of the service keeps the secret half sealed', async () => {
    const cache = await create('managed', { generateSigningKey: true })
    const [key] = await stage.database.keys.list(cache.id)
    const secret = secretHalf(key!, stage.seal)
    assert.equal(Buffer.from(secret!.publicKey).toString('base64'), key!.publicKey)
    assert.ok(!Buffer.from(key!.sealedSecret!).includes(Buffer.from(secret!.seed).toString('base64')))
  })

  test('with no key waits for one, which can be given once', async () => {
    const cache = await create('no-key')
    assert.deepEqual(await stage.database.keys.list(cache.id), [])
    await addSigningKey(stage, { cache, publicKey })
    await addSigningKey(stage, { cache, publicKey })
    const other = Buffer.alloc(32, 2).toString('base64')
    await assert.rejects(addSigningKey(stage, { cache, publicKey: other }), { code: 'key-exists' })
    assert.deepEqual(
      (await stage.database.keys.list(cache.id)).map((key) => key.publicKey),
      [publicKey],
    )
  })

  test('is refused when both keys are asked for', async () => {
    const both = create('both', { generateSigningKey: true, publicSigningKey: publicKey })
    await assert.rejects(both, { code: 'bad-request', message: /not both/ })
    assert.equal(await stage.database.caches.find('both'), undefined)
  })

  for (const text of ['', 'AAAA', `name:${publicKey}`, `${publicKey}\n${publicKey}`, 'a'.repeat(44)]) {
    test(`is refused with ${JSON.stringify(text)} as its key`, async () => {
      await assert.rejects(create('bad-key', { publicSigningKey: text }), {
        code: 'bad-request',
        message: /32 bytes/,
      })
      assert.equal(await stage.database.caches.find('bad-key'), undefined)
    })
  }

  test('is refused when the name is taken', async () => {
    await create('taken')
    await assert.rejects(create('taken'), { code: 'name-taken' })
  })

  for (const name of ['', 'Upper', 'under_score', '-front', 'back-', 'a.b', 'ü', '../x', 'x'.repeat(51)]) {
    test(`is refused with the name ${JSON.stringify(name)}, and told the rule`, () =>
      assert.rejects(create(name), { code: 'invalid-name', message: /1 to 50 characters/ }))
  }

  test('is refused with the names the service needs itself', async () => {
    for (const name of reservedCacheNames) {
      await assert.rejects(create(name), { code: 'invalid-name', message: new RegExp(`"${name}"`) })
    }
  })

  test('a new cache misses everything, until it is published', async () => {
    const cache = await create('misses', { generateSigningKey: true })
    const [here, gone] = ['0'.repeat(32), '1'.repeat(32)]
    await stage.push(cache, { hash: here, name: 'here' }, sampleNar(textFile('here')))
    assert.deepEqual(
      await findMissing(stage, {
        cache,
        storeHashes: [gone, here],
        upstreams: 'known',
        signal: new AbortController().signal,
      }),
      [gone],
    )
  })
})
