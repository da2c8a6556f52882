import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'

import { fingerprint, parsePublicKey, secretKeyFromSeed, sign, verify } from '@cachix/protocol'
import type { SecretKey } from '@cachix/protocol'

import type { Cache } from '../../src/database/cache-database.ts'
import { addKey } from '../../src/services/add-key.ts'
import { addSignatures } from '../../src/services/add-signatures.ts'
import { findUnsigned } from '../../src/services/find-unsigned.ts'
import { listKeys } from '../../src/services/list-keys.ts'
import { publishPaths } from '../../src/services/publish-paths.ts'
import { receiveBundle } from '../../src/services/receive-bundle.ts'
import { retireKey } from '../../src/services/retire-key.ts'
import { signPaths } from '../../src/services/sign-paths.ts'
import { bundleOf, cutPath, pathCreateOf } from './sample-push.ts'
import type { CutPath } from './sample-push.ts'
import { textFile } from './sample-nar.ts'
import { secretKey, ServiceStage } from './service-stage.ts'

const { signal } = new AbortController()

let stage: ServiceStage
before(async () => {
  stage = await ServiceStage.open()
})
after(() => stage.close())

function makeKey(name: string, seed: number): Promise<SecretKey> {
  return secretKeyFromSeed(name, new Uint8Array(32).fill(seed))
}

function publicHalf({ publicKey }: SecretKey): string {
  return Buffer.from(publicKey).toString('base64')
}

const letters = Array.from('0123456789abcdfghijklmnpqrsvwxyz')

/** One that differs from all others in its store hash; `i` up to 1023. */
function samplePath(i: number): CutPath {
  const hash = `${letters[i >> 5]}${letters[i & 31]}`.repeat(16)
  return cutPath(`${hash}-path`, [], textFile('the same in all'))
}

function signed(key: SecretKey, path: CutPath): Promise<string> {
  const { storePath, ...rest } = pathCreateOf(path)
  return sign(key, fingerprint({ ...rest, storePath: `/nix/store/${storePath}` }))
}

interface Offer {
  readonly sig?: string
  readonly signatures?: string[]
}

async function publish(cache: Cache, path: CutPath, offer: Offer) {
  await receiveBundle(stage, { cache, body: Readable.from([await bundleOf(path)]), signal })
  const paths = [{ ...pathCreateOf(path), ...offer }]
  const [outcome] = await publishPaths(stage, { cache, reader: { cacheId: cache.id }, paths, signal })
  return outcome!
}

async function signaturesOf(cache: Cache, { hash }: CutPath): Promise<readonly string[]> {
  return (await stage.database.paths.find(cache.id, hash))?.signatures ?? []
}

function withoutName(signature: string): string {
  return signature.slice(signature.indexOf(':') + 1)
}

describe('Keys of a cache', () => {
  test('are named after the cache, counting up, or by the name they come with', async () => {
    const cache = await stage.createSelfSigned('naming')
    const publicKey = publicHalf(await makeKey('x', 2))
    assert.equal(await addKey(stage, cache, { publicKey }), `naming.localhost-2:${publicKey}`)
    assert.equal(await addKey(stage, cache, { publicKey }), `naming.localhost-2:${publicKey}`)
    const foreign = `builder.example-1:${publicHalf(await makeKey('x', 3))}`
    assert.equal(await addKey(stage, cache, { publicKey: foreign }), foreign)
    assert.match(await addKey(stage, cache, { isManaged: true }), /^naming\.localhost-3:/)
    const keys = await listKeys(stage, cache)
    assert.deepEqual(
      keys.map(({ name, state, isManaged }) => [name, state, isManaged]),
      [
        ['naming.localhost-1', 'active', false],
        ['naming.localhost-2', 'active', false],
        ['builder.example-1', 'active', false],
        ['naming.localhost-3', 'active', true],
      ],
    )
  })

  test('cannot be named like those of others, or like nothing Nix could read', async () => {
    const cache = await stage.createSelfSigned('honest')
    const key = publicHalf(await makeKey('x', 4))
    for (const name of ['other.localhost-1', 'cache.nixos.org-1', 'a b', 'a"b', 'ä', '', 'x'.repeat(101)]) {
      await assert.rejects(addKey(stage, cache, { publicKey: `${name}:${key}` }), { code: 'bad-request' })
    }
    await assert.rejects(addKey(stage, cache, { publicKey: 'AAAA' }), { code: 'bad-request' })
    const taken = { publicKey: `honest.localhost-1:${key}` }
    await assert.rejects(addKey(stage, cache, taken), { code: 'key-exists' })
  })

  test('overlap: either signs, and what was signed keeps its signature when one retires', async () => {
    const cache = await stage.createSelfSigned('overlap')
    const next = await makeKey('overlap.localhost-2', 5)
    await publish(cache, samplePath(0), {
      sig: withoutName(await signed(secretKey, samplePath(0))),
    })
    await addKey(stage, cache, { publicKey: publicHalf(next) })
    const both = {
      sig: withoutName(await signed(secretKey, samplePath(1))),
      signatures: [await signed(next, samplePath(1))],
    }
    assert.equal((await publish(cache, samplePath(1), both)).outcome, 'published')
    assert.deepEqual(
      (await signaturesOf(cache, samplePath(1))).map((each) => each.split(':')[0]),
      ['overlap.localhost-1', 'overlap.localhost-2'],
    )
    await assert.rejects(retireKey(stage, cache, { name: 'overlap.localhost-1' }), {
      code: 'conflict',
      message: /1 paths .* no signature by another active key/,
    })
    await retireKey(stage, cache, { name: 'overlap.localhost-1', force: true })
    assert.equal((await signaturesOf(cache, samplePath(0))).length, 1)
  })

  test('that are retired sign nothing new, and can be taken back', async () => {
    const cache = await stage.createSelfSigned('retired')
    const next = await makeKey('retired.localhost-2', 6)
    await addKey(stage, cache, { publicKey: publicHalf(next) })
    await retireKey(stage, cache, { name: 'retired.localhost-1' })
    await assert.rejects(retireKey(stage, cache, { name: 'retired.localhost-2' }), { code: 'conflict' })
    await assert.rejects(retireKey(stage, cache, { name: 'nosuch' }), { code: 'not-found' })
    const sig = withoutName(await signed(secretKey, samplePath(0)))
    assert.equal((await publish(cache, samplePath(0), { sig })).code, 'bad-signature')
    const old = `retired.localhost-1:${sig}`
    assert.equal((await publish(cache, samplePath(0), { signatures: [old] })).code, 'bad-signature')
    const withNew = { signatures: [old, await signed(next, samplePath(0))] }
    assert.equal((await publish(cache, samplePath(0), withNew)).outcome, 'published')
    assert.deepEqual(await signaturesOf(cache, samplePath(0)), [await signed(next, samplePath(0))])
    await addKey(stage, cache, { publicKey: publicHalf(secretKey) })
    assert.equal(
      (await publish(cache, samplePath(1), { sig: await sigOf(samplePath(1)) })).outcome,
      'published',
    )
  })

  test('of others: signatures that a trusted key made are kept, the rest is dropped', async () => {
    const cache = await stage.createSelfSigned('kept')
    const [upstream, stranger] = [await makeKey('up.example-1', 7), await makeKey('stranger-1', 8)]
    const liar = await makeKey('up.example-1', 9)
    await stage.database.upstreams.add(cache.id, {
      url: 'https://up.example',
      publicKeys: [`up.example-1:${publicHalf(upstream)}`],
    })
    const path = samplePath(0)
    const signatures = [
      await signed(stranger, path),
      await signed(liar, path),
      await signed(upstream, samplePath(1)),
      'up.example-1:short',
      'no signature\nSig: x',
      await signed(upstream, path),
    ]
    assert.equal((await publish(cache, path, { signatures })).code, 'bad-signature')
    const sig = await sigOf(path)
    assert.equal((await publish(cache, path, { sig, signatures })).outcome, 'published')
    assert.deepEqual(await signaturesOf(cache, path), [
      `kept.localhost-1:${sig}`,
      await signed(upstream, path),
    ])
  })
})

function sigOf(path: CutPath): Promise<string> {
  return signed(secretKey, path).then(withoutName)
}

describe('Signing paths that are there', () => {
  test('adds what verifies, by the key it is said to be by', async () => {
    const cache = await stage.createSelfSigned('resign')
    const next = await makeKey('resign.localhost-2', 10)
    await publish(cache, samplePath(0), { sig: await sigOf(samplePath(0)) })
    await addKey(stage, cache, { publicKey: publicHalf(next) })
    const key = 'resign.localhost-2'
    const unsigned = await findUnsigned(stage, cache, { key, after: '' })
    assert.deepEqual(
      unsigned.map(({ storePath }) => storePath),
      [`/nix/store/${samplePath(0).hash}-path`],
    )
    const right = withoutName(await sign(next, fingerprint(unsigned[0]!)))
    const add = (sig: string, storeHash = samplePath(0).hash) =>
      addSignatures(stage, cache, { key, signatures: [{ storeHash, sig }] })
    assert.deepEqual(await add(await sigOf(samplePath(0))), ['bad-signature'])
    assert.deepEqual(await add('x'), ['bad-signature'])
    assert.deepEqual(await add(right, samplePath(9).hash), ['gone'])
    assert.deepEqual(await add(right, 'nonsense'), ['gone'])
    assert.deepEqual(await add(right), ['added'])
    assert.deepEqual(await add(right), ['already-there'])
    assert.deepEqual(await findUnsigned(stage, cache, { key, after: '' }), [])
    assert.equal((await signaturesOf(cache, samplePath(0))).length, 2)
    await retireKey(stage, cache, { name: 'resign.localhost-1' })
    const retired = { key: 'resign.localhost-1', after: '' }
    await assert.rejects(findUnsigned(stage, cache, retired), { code: 'not-found' })
  })

  test('is done by the service with the keys it keeps, on request', async () => {
    const cache = await stage.createManaged('rotating')
    const paths = [0, 1, 2].map(samplePath)
    for (const path of paths) await publish(cache, path, {})
    const publicKey = await addKey(stage, cache, { isManaged: true })
    await assert.rejects(retireKey(stage, cache, { name: 'rotating.localhost-1' }), { code: 'conflict' })
    assert.deepEqual(await signPaths(stage, cache, ''), { signed: 3, next: null })
    assert.deepEqual(await signPaths(stage, cache, ''), { signed: 0, next: null })
    await retireKey(stage, cache, { name: 'rotating.localhost-1' })
    for (const path of paths) {
      const { storePath, ...rest } = pathCreateOf(path)
      const text = fingerprint({ ...rest, storePath: `/nix/store/${storePath}` })
      const signature = (await signaturesOf(cache, path)).at(-1)!
      assert.ok(await verify(parsePublicKey(publicKey), text, signature))
    }
    await publish(cache, samplePath(3), {})
    assert.deepEqual(
      (await signaturesOf(cache, samplePath(3))).map((each) => each.split(':')[0]),
      ['rotating.localhost-2'],
    )
  })

  test('by the service is refused where it keeps no key', async () => {
    const cache = await stage.createSelfSigned('keyless-service')
    await assert.rejects(signPaths(stage, cache, ''), { code: 'bad-request' })
  })
})
