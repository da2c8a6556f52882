import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'

import { openKeptSeal } from '../../src/services/seal.ts'
import { openServiceSeal, rekey } from '../../src/services/service-seal.ts'
import { secretHalf } from '../../src/services/signing-key.ts'
import { ServiceStage } from './service-stage.ts'

describe('The service key', () => {
  let stage: ServiceStage
  beforeEach(async () => void (stage = await ServiceStage.open()))
  afterEach(() => stage.close())

  const file = (name: string) => join(stage.directory, name)
  const given = (name: string) => ({ path: file(name), isGiven: true })
  const own = (name = 'service.key') => ({ path: file(name), isGiven: false })

  async function writeKey(name: string, bytes: string | Uint8Array = randomBytes(32)): Promise<string> {
    await writeFile(file(name), bytes)
    return file(name)
  }

  test('is made in the data directory where nothing is sealed yet', async () => {
    await openServiceSeal(stage.database.keys, own('made.key'))
    await access(file('made.key'))
  })

  test('that the operator gives is taken as it is, and never made', async () => {
    const path = await writeKey('given.key')
    const seal = await openServiceSeal(stage.database.keys, given('given.key'))
    const sealed = seal.encrypt(Buffer.from('secret'), 'purpose')
    const again = await openKeptSeal(path)
    assert.equal(Buffer.from(again.decrypt(sealed, 'purpose')).toString(), 'secret')
    const missing = openServiceSeal(stage.database.keys, given('missing.key'))
    await assert.rejects(missing, { code: 'unavailable', message: /missing\.key is not there\./ })
    await assert.rejects(access(file('missing.key')), { code: 'ENOENT' })
  })

  test('that is not one is refused, by its name and never with its content', async () => {
    await writeKey('text.key', 'c2VjcmV0')
    const refused = openServiceSeal(stage.database.keys, given('text.key'))
    await assert.rejects(refused, { code: 'damaged', message: /text\.key is not a key: .*32 bytes, not 8/ })
    await assert.rejects(refused, (error: Error) => !error.message.includes('c2Vj'))
    await mkdir(file('folder.key'))
    const unreadable = openServiceSeal(stage.database.keys, given('folder.key'))
    await assert.rejects(unreadable, { code: 'unavailable', message: /folder\.key cannot be read \(/ })
  })

  test('that does not fit what is sealed is refused, whether it is given or not', async () => {
    await stage.createManaged('mine')
    const path = await writeKey('other.key')
    for (const isGiven of [true, false]) {
      const refused = openServiceSeal(stage.database.keys, { path, isGiven })
      await assert.rejects(refused, { code: 'damaged', message: /other\.key is not the one that/ })
    }
    await openServiceSeal(stage.database.keys, own())
  })

  test('that is lost is not replaced by one that opens nothing', async () => {
    await stage.createManaged('mine')
    await rename(file('service.key'), file('moved.key'))
    const refused = openServiceSeal(stage.database.keys, own())
    await assert.rejects(refused, {
      code: 'unavailable',
      message: /is not there\. .*--service-key-file FILE/,
    })
    await assert.rejects(access(file('service.key')), { code: 'ENOENT' })
    await openServiceSeal(stage.database.keys, given('moved.key'))
  })

  test('is changed for the signing keys of all caches, and the old one opens none any more', async () => {
    const { keys } = stage.database
    const cache = await stage.createManaged('mine')
    await stage.createManaged('other')
    const [before] = await keys.list(cache.id)
    const secret = secretHalf(before!, stage.seal)
    const to = await writeKey('new.key')
    assert.deepEqual(await rekey(keys, { from: own(), to }), { kept: 2, dropped: [] })
    const seal = await openServiceSeal(keys, given('new.key'))
    const [after] = await keys.list(cache.id)
    assert.deepEqual(secretHalf(after!, seal), secret)
    await assert.rejects(openServiceSeal(keys, own()), { code: 'damaged' })
    assert.deepEqual(await rekey(keys, { from: given('new.key'), to: file('service.key') }), {
      kept: 2,
      dropped: [],
    })
    await openServiceSeal(keys, own())
  })

  test('is not changed while the new one or the old one is not right', async () => {
    const { keys } = stage.database
    await stage.createManaged('mine')
    const to = await writeKey('new.key')
    const short = await writeKey('short.key', 'short')
    await writeKey('wrong.key')
    await assert.rejects(rekey(keys, { from: own(), to: short }), { code: 'damaged' })
    await assert.rejects(rekey(keys, { from: own(), to: file('missing.key') }), { code: 'unavailable' })
    await assert.rejects(rekey(keys, { from: given('wrong.key'), to }), { code: 'damaged', message: /wrong/ })
    await openServiceSeal(keys, own())
  })

  test('that is lost takes the signing keys along that only it opens, when that is wished', async () => {
    const { keys } = stage.database
    const cache = await stage.createManaged('mine')
    const [before] = await keys.list(cache.id)
    const to = await writeKey('new.key')
    await rename(file('service.key'), file('moved.key'))
    await assert.rejects(rekey(keys, { from: own(), to }), { message: /lost for good, --drop-lost/ })
    // A name that is wrong is no key that is lost.
    const mistyped = rekey(keys, { from: given('mistyped.key'), to, dropLost: true })
    await assert.rejects(mistyped, { code: 'unavailable', message: /mistyped\.key is not there/ })
    assert.deepEqual(await keys.list(cache.id), [before])
    assert.deepEqual(await rekey(keys, { from: own(), to, dropLost: true }), {
      kept: 0,
      dropped: [{ cacheName: 'mine', keyName: before!.name }],
    })
    assert.deepEqual(await keys.list(cache.id), [{ ...before, sealedSecret: undefined }])
    await openServiceSeal(keys, given('new.key'))
  })

  test('that is not lost takes nothing along, nor does one that was the new one before', async () => {
    const { keys } = stage.database
    const cache = await stage.createManaged('mine')
    const [before] = await keys.list(cache.id)
    const secret = secretHalf(before!, stage.seal)
    const to = await writeKey('new.key')
    const wrong = await writeKey('wrong.key')
    const kept = { kept: 1, dropped: [] }
    assert.deepEqual(await rekey(keys, { from: own(), to, dropLost: true }), kept)
    for (const from of [own(), given('wrong.key'), own('nowhere.key')]) {
      assert.deepEqual(await rekey(keys, { from, to, dropLost: true }), kept)
    }
    const [after] = await keys.list(cache.id)
    assert.deepEqual(secretHalf(after!, await openServiceSeal(keys, given('new.key'))), secret)
    assert.notEqual(wrong, to)
  })

  test('is changed where nothing is sealed without asking for the old one', async () => {
    await rm(file('service.key'))
    const resealed = await rekey(stage.database.keys, { from: own(), to: await writeKey('new.key') })
    assert.deepEqual(resealed, { kept: 0, dropped: [] })
    await assert.rejects(access(file('service.key')), { code: 'ENOENT' })
  })
})
