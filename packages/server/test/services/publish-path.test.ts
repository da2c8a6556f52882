import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'

import type { NarInfoCreate } from '@cachix/api'
import {
  fingerprint,
  parseNarInfo,
  parsePublicKey,
  sha256FromHex,
  sha256ToHex,
  sign,
  verify,
} from '@cachix/protocol'

import type { CacheErrorCode } from '../../src/cache-error.ts'
import type { Cache } from '../../src/database/cache-database.ts'
import { createCache } from '../../src/services/create-cache.ts'
import { publishPath } from '../../src/services/publish-path.ts'
import { readNarinfo } from '../../src/services/read-narinfo.ts'
import { claimsOf, sampleNar, sha256, textFile } from './sample-nar.ts'
import type { SampleNar, SamplePath } from './sample-nar.ts'
import { secretKey, ServiceStage } from './service-stage.ts'

const nar = sampleNar(textFile('hello'))
const path: SamplePath = { hash: '1'.repeat(32), name: 'hello-1.0' }
const { signal } = new AbortController()
const otherNar = sampleNar(textFile('other'))

describe('Publishing a path', () => {
  let stage: ServiceStage
  let managed: Cache
  let selfSigned: Cache
  before(async () => {
    stage = await ServiceStage.open()
    managed = await stage.createManaged('managed')
    selfSigned = await stage.createSelfSigned('mine')
    await stage.send(managed, nar.file)
    await stage.send(selfSigned, nar.file)
  })
  after(() => stage.close())

  async function narinfo(cache: Cache, { hash }: SamplePath) {
    const found = await readNarinfo(stage, { cacheName: cache.name, storeHash: hash })
    return found && parseNarInfo(found.text)
  }

  test('makes it visible, signed by the service where that keeps the key', async () => {
    const references = [`${path.hash}-${path.name}`]
    const info = { ...claimsOf({ ...path, references }, nar), cDeriver: `${'2'.repeat(32)}-hello-1.0.drv` }
    assert.equal(await publishPath(stage, { cache: managed, info, signal }), 'published')
    const published = await narinfo(managed, path)
    const [signature, ...others] = published!.signatures
    const { fileHash, file } = await stage.served(managed, path)
    assert.equal(sha256(file), fileHash)
    assert.deepEqual(Buffer.from(zstdDecompressSync(file)), Buffer.from(nar.nar))
    assert.deepEqual(published, {
      storePath: `/nix/store/${path.hash}-${path.name}`,
      url: `nar/${sha256FromHex(fileHash).slice(7)}.nar.zst`,
      compression: 'zstd',
      fileHash: sha256FromHex(fileHash),
      fileSize: file.length,
      narHash: nar.narHash,
      narSize: nar.nar.length,
      references,
      deriver: info.cDeriver,
      signatures: [signature],
    })
    assert.deepEqual(others, [])
    const [key] = await stage.database.keys.list(managed.id)
    const publicKey = parsePublicKey(`${key!.name}:${key!.publicKey}`)
    assert.ok(await verify(publicKey, fingerprint(published), signature!))
    assert.equal(publicKey.name, 'managed.localhost-1')
  })

  test('again is a success that changes nothing', async () => {
    await publishPath(stage, { cache: managed, info: claimsOf(path, nar), signal })
    const before = await stage.contents()
    assert.equal(
      await publishPath(stage, { cache: managed, info: claimsOf(path, nar), signal }),
      'already-there',
    )
    assert.deepEqual(await stage.contents(), before)
  })

  test('by several at once is one publication', async () => {
    const together = { hash: '3'.repeat(32), name: 'together' }
    const publish = () => publishPath(stage, { cache: managed, info: claimsOf(together, nar), signal })
    const outcomes = await Promise.all([publish(), publish(), publish()])
    assert.deepEqual(outcomes.sort(), ['already-there', 'already-there', 'published'])
  })

  test('takes a signature made with the key of the cache', async () => {
    const signed = await signedPath(path, nar)
    assert.equal(
      await publishPath(stage, { cache: selfSigned, info: claimsOf(signed, nar), signal }),
      'published',
    )
    const published = await narinfo(selfSigned, path)
    assert.deepEqual(published?.signatures, [`mine.localhost-1:${signed.signature}`])
  })

  test('takes hashes in any spelling, and a content address', async () => {
    const spelled = { hash: '4'.repeat(32), name: 'spelled' }
    const cNarHash = `sha256:${sha256ToHex(nar.narHash)}`
    const cCa = `fixed:r:${nar.narHash}`
    await publishPath(stage, { cache: managed, info: { ...claimsOf(spelled, nar), cNarHash, cCa }, signal })
    const published = await narinfo(managed, spelled)
    assert.deepEqual([published?.narHash, published?.ca], [nar.narHash, cCa])
  })

  test('waits for its references, and is there as soon as they are', async () => {
    const dependency = { hash: '5'.repeat(32), name: 'dependency' }
    const references = [`${dependency.hash}-${dependency.name}`]
    const dependent = { hash: '6'.repeat(32), name: 'dependent', references }
    const publish = () => publishPath(stage, { cache: managed, info: claimsOf(dependent, nar), signal })
    assert.equal(await publish(), 'waiting')
    assert.equal(await narinfo(managed, dependent), undefined)
    await publishPath(stage, { cache: managed, info: claimsOf(dependency, nar), signal })
    assert.deepEqual((await narinfo(managed, dependent))?.references, references)
    assert.equal(await publish(), 'already-there')
  })

  describe('is refused, and nothing changes', () => {
    const fresh: SamplePath = { hash: '9'.repeat(32), name: 'fresh' }
    const lies: readonly [what: string, Partial<NarInfoCreate>, CacheErrorCode, RegExp][] = [
      [
        'store hash of another alphabet',
        { cStoreHash: 'e'.repeat(32) },
        'bad-request',
        /not the name of a store path/,
      ],
      [
        'a name that leads elsewhere',
        { cStoreSuffix: '../../x' },
        'bad-request',
        /not the name of a store path/,
      ],
      [
        'a name with a line break',
        { cStoreSuffix: 'x\nSig: y' },
        'bad-request',
        /not the name of a store path/,
      ],
      [
        'a reference that is no store path',
        { cReferences: ['glibc'] },
        'bad-request',
        /not the name of a store path/,
      ],
      [
        'a deriver that is no store path',
        { cDeriver: '/etc/passwd' },
        'bad-request',
        /not the name of a store path/,
      ],
      ['a hash that is none', { cNarHash: 'sha256:xyz' }, 'bad-request', /not a hash/],
      ['a hash of another algorithm', { cNarHash: `md5:${'0'.repeat(32)}` }, 'bad-request', /not a SHA-256/],
      ['a file hash with a prefix', { cFileHash: `sha256:${nar.fileHash}` }, 'bad-request', /cFileHash/],
      [
        'a content address that is none',
        { cCa: 'text:sha256:0\nSig: x' },
        'bad-request',
        /content address|not a hash/,
      ],
      ['a NAR that was not sent', { cFileHash: otherNar.fileHash }, 'not-found', /Upload it first/],
      [
        'another NAR hash',
        { cNarHash: otherNar.narHash },
        'hash-mismatch',
        new RegExp(`${nar.narHash}.*${otherNar.narHash}`),
      ],
      ['another NAR size', { cNarSize: 1 }, 'hash-mismatch', /it is 120, not 1/],
      ['another file size', { cFileSize: 1 }, 'hash-mismatch', new RegExp(`it is ${nar.file.length}, not 1`)],
      ['a signature that is none', { cSig: 'x' }, 'bad-signature', /signing key/],
      [
        'a signature of another key',
        { cSig: Buffer.alloc(64).toString('base64') },
        'bad-signature',
        /managed\.localhost-1:/,
      ],
    ]
    for (const [what, lie, code, message] of lies) {
      test(what, async () => {
        const before = await stage.contents()
        const info = { ...claimsOf(fresh, nar), ...lie }
        await assert.rejects(publishPath(stage, { cache: managed, info, signal }), {
          name: 'CacheError',
          code,
          message,
        })
        assert.deepEqual(await stage.contents(), before)
      })
    }

    test('no signature, where the client keeps the key', async () => {
      const published = publishPath(stage, { cache: selfSigned, info: claimsOf(fresh, nar), signal })
      await assert.rejects(published, { code: 'bad-signature', message: /self-signed.*CACHIX_SIGNING_KEY/ })
    })

    test('a signature of this key for something else', async () => {
      const { signature } = await signedPath({ ...fresh, name: 'something-else' }, nar)
      const info = { ...claimsOf(fresh, nar), cSig: signature! }
      await assert.rejects(publishPath(stage, { cache: selfSigned, info, signal }), { code: 'bad-signature' })
    })

    test('a cache without a key', async () => {
      const { accountId } = managed
      const request = { accountId, name: 'keyless', isPublic: true, generateSigningKey: false }
      const keyless = await createCache(stage, request)
      await stage.send(keyless, nar.file)
      const published = publishPath(stage, { cache: keyless, info: claimsOf(fresh, nar), signal })
      await assert.rejects(published, { code: 'bad-signature', message: /generate-keypair keyless/ })
    })

    test('other contents than the path has', async () => {
      const taken = { hash: '7'.repeat(32), name: 'taken' }
      await stage.push(managed, taken, nar)
      await stage.send(managed, otherNar.file)
      const published = publishPath(stage, { cache: managed, info: claimsOf(taken, otherNar), signal })
      await assert.rejects(published, { code: 'conflict', message: new RegExp(nar.narHash) })
      assert.equal((await narinfo(managed, taken))?.narHash, nar.narHash)
    })

    test('a pack that is lost or damaged, until it is sent again', async () => {
      const sample = sampleNar(textFile('will be lost'))
      await stage.send(managed, sample.file)
      const publish = () => publishPath(stage, { cache: managed, info: claimsOf(fresh, sample), signal })
      await writeFile((await stage.packs.open(sample.fileHash))!.path!, 'shorter')
      await assert.rejects(publish(), { code: 'damaged', message: new RegExp(sample.fileHash) })
      await stage.packs.delete(sample.fileHash)
      await assert.rejects(publish(), { code: 'not-found' })
      await stage.send(managed, sample.file)
      await stage.packs.delete(sample.fileHash)
      await assert.rejects(publish(), { code: 'damaged' })
      await stage.send(managed, sample.file)
      assert.equal(await publish(), 'published')
    })
  })
})

async function signedPath(path: SamplePath, { nar, narHash }: SampleNar): Promise<SamplePath> {
  const storePath = `/nix/store/${path.hash}-${path.name}`
  const text = fingerprint({ storePath, narHash, narSize: nar.length, references: path.references ?? [] })
  const signature = await sign(secretKey, text)
  return { ...path, signature: signature.slice(signature.indexOf(':') + 1) }
}
