import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { openSeal } from '../../src/services/seal.ts'

const secret = Buffer.from('a secret key')

describe('A seal', () => {
  let directory = ''
  before(async () => void (directory = await mkdtemp(join(tmpdir(), 'seal-'))))
  after(() => rm(directory, { recursive: true }))

  test('gives back what it took, for the same purpose', async () => {
    const seal = await openSeal(join(directory, 'key'))
    const sealed = seal.encrypt(secret, 'signing')
    assert.deepEqual(Buffer.from(seal.decrypt(sealed, 'signing')), secret)
    assert.throws(() => seal.decrypt(sealed, 'something else'), { code: 'damaged' })
    assert.ok(!Buffer.from(sealed).includes(secret))
  })

  test('seals the same secret differently each time', async () => {
    const seal = await openSeal(join(directory, 'key'))
    assert.notDeepEqual(seal.encrypt(secret, 'signing'), seal.encrypt(secret, 'signing'))
  })

  test('refuses what was changed or cut short', async () => {
    const seal = await openSeal(join(directory, 'key'))
    const sealed = seal.encrypt(secret, 'signing')
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed, (byte, at) => (at === i ? byte ^ 1 : byte))
      assert.throws(() => seal.decrypt(changed, 'signing'), { code: 'damaged' })
      assert.throws(() => seal.decrypt(sealed.subarray(0, i), 'signing'), { code: 'damaged' })
    }
  })

  test('keeps its key in a file for its owner only, which later starts read', async () => {
    const path = join(directory, 'kept', 'service.key')
    const sealed = (await openSeal(path)).encrypt(secret, 'signing')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(directory, 'kept')), ['service.key'])
    assert.deepEqual(Buffer.from((await openSeal(path)).decrypt(sealed, 'signing')), secret)
  })

  test('is the same for processes that start at once', async () => {
    const path = join(directory, 'at-once')
    const [one, two] = await Promise.all([openSeal(path), openSeal(path)])
    assert.deepEqual(Buffer.from(two.decrypt(one.encrypt(secret, 'signing'), 'signing')), secret)
  })

  test('with another key opens nothing', async () => {
    const sealed = (await openSeal(join(directory, 'key'))).encrypt(secret, 'signing')
    const other = await openSeal(join(directory, 'other'))
    assert.throws(() => other.decrypt(sealed, 'signing'), { code: 'damaged', message: /service key/ })
  })

  test('with a damaged key file says so', async () => {
    const path = join(directory, 'damaged')
    await writeFile(path, 'short')
    await assert.rejects(openSeal(path), { code: 'damaged', message: /Restore it/ })
  })
})
