import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { truncate, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'

import { encodeRecipe } from '@cachix/protocol'

import type { Cache } from '../../src/database/cache-database.ts'
import { narFileName, parseNarFileName } from '../../src/services/nar-file-name.ts'
import { publishPath } from '../../src/services/publish-path.ts'
import { readListing } from '../../src/services/read-listing.ts'
import { readNar } from '../../src/services/read-nar.ts'
import { readNarinfo } from '../../src/services/read-narinfo.ts'
import { claimsOf, directory, sampleNar, sha256, textFile } from './sample-nar.ts'
import type { SampleNar } from './sample-nar.ts'
import { ServiceStage } from './service-stage.ts'

const nar = sampleNar(directory({ hello: textFile('hello') }))
const path = { hash: '1'.repeat(32), name: 'hello' }

describe('Reading', () => {
  let stage: ServiceStage
  let cache: Cache
  before(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine', false)
    await stage.push(cache, path, nar)
  })
  after(() => stage.close())

  const narOf = ({ fileHash }: SampleNar, cacheName = 'mine') => readNar(stage, { cacheName, fileHash })

  test('a NAR in a pack of its own is a range of one file', async () => {
    const found = await narOf(nar)
    const { path } = (await stage.packs.open(nar.fileHash))!
    assert.deepEqual(await found!.read(0, nar.file.length), {
      kind: 'file',
      path,
      start: 0,
      end: nar.file.length,
    })
    assert.deepEqual(await found!.read(10, 20), { kind: 'file', path, start: 10, end: 20 })
    assert.deepEqual([found!.cacheId, found!.isPublic, found!.fileSize], [cache.id, false, nar.file.length])
  })

  test('a NAR that was sent but not published is not there', async () => {
    const sent = sampleNar(textFile('only sent'))
    await stage.send(cache, sent.file)
    assert.equal(await narOf(sent), undefined)
  })

  test('a NAR of another cache is not there', async () => {
    await stage.createManaged('other')
    assert.equal(await narOf(nar, 'other'), undefined)
    assert.equal(await narOf(nar, 'nowhere'), undefined)
  })

  test('a pack that is gone, shorter or longer is never served', async () => {
    const sample = sampleNar(textFile('will suffer'))
    await stage.push(cache, { hash: '2'.repeat(32), name: 'suffers' }, sample)
    const found = await narOf(sample)
    const pack = (await stage.packs.open(sample.fileHash))!
    for (const bytes of [sample.file.subarray(0, 50), Buffer.concat([sample.file, Buffer.from('x')])]) {
      await writeFile(pack.path!, bytes)
      await assert.rejects(found!.read(0, 10), { name: 'CacheError', code: 'damaged' })
    }
    await stage.packs.delete(sample.fileHash)
    await assert.rejects(found!.read(0, 10), { name: 'CacheError', code: 'damaged' })
    await stage.send(cache, sample.file)
    assert.equal((await found!.read(0, 10)).kind, 'file')
  })

  describe('a NAR whose bytes lie in several packs', () => {
    const parts = [randomBytes(700_000), randomBytes(10), randomBytes(300_000)]
    const whole = Buffer.concat(parts)
    const runs = parts.map((part) => ({ pack: sha256(part), offset: 0, length: part.length }))
    const fileHash = sha256(whole)

    before(async () => {
      for (const part of parts) {
        const spool = await stage.packs.createSpool()
        await writeFile(spool.path, part)
        await stage.packs.put(sha256(part), spool)
      }
      const { narHash } = nar
      const sample = { ...nar, file: whole, fileHash }
      const listing = (await stage.database.nars.findSent(cache.id, nar.fileHash))!.listing
      await stage.database.nars.record(
        cache.id,
        {
          fileHash,
          fileSize: whole.length,
          narHash,
          narSize: nar.nar.length,
          recipe: encodeRecipe({ runs }),
          listing,
        },
        runs.map(({ pack, length }) => ({ name: pack, size: length })),
      )
      await publishPath(stage, { cache, info: claimsOf({ hash: '3'.repeat(32), name: 'scattered' }, sample) })
    })

    async function bytes(start: number, end: number): Promise<Buffer> {
      const found = await readNar(stage, { cacheName: 'mine', fileHash })
      const part = await found!.read(start, end)
      assert.ok(part.kind === 'stream')
      return buffer(part.stream)
    }

    test('is a stream over them', async () => {
      assert.ok((await bytes(0, whole.length)).equals(whole))
      assert.ok((await bytes(699_999, 700_011)).equals(whole.subarray(699_999, 700_011)))
    })

    test('within one of them is a range of a file', async () => {
      const found = await readNar(stage, { cacheName: 'mine', fileHash })
      const { path } = (await stage.packs.open(runs[2]!.pack))!
      assert.deepEqual(await found!.read(700_011, 700_020), { kind: 'file', path, start: 1, end: 10 })
    })

    test('fails rather than end early when a pack shrinks while it is read', async () => {
      const found = await readNar(stage, { cacheName: 'mine', fileHash })
      const part = await found!.read(0, whole.length)
      assert.ok(part.kind === 'stream')
      await truncate((await stage.packs.open(runs[2]!.pack))!.path!, 1_000)
      await assert.rejects(buffer(part.stream), { name: 'CacheError', code: 'damaged' })
    })
  })

  test('a narinfo has an entity tag that changes with its text only', async () => {
    const read = () => readNarinfo(stage, { cacheName: 'mine', storeHash: path.hash })
    const first = await read()
    assert.match(first!.etag, /^"[\w-]+"$/)
    assert.deepEqual(await read(), first)
    const other = await readNarinfo(stage, { cacheName: 'mine', storeHash: '3'.repeat(32) })
    assert.notEqual(other!.etag, first!.etag)
    assert.equal(await readNarinfo(stage, { cacheName: 'mine', storeHash: '0'.repeat(32) }), undefined)
  })

  test('a listing is the JSON of the tree', async () => {
    const listing = await readListing(stage, { cacheId: cache.id, storeHash: path.hash })
    const narOffset = Buffer.from(nar.nar).indexOf('hello', nar.nar.indexOf(0x68) + 200)
    const entries = { hello: { type: 'regular', size: 5, narOffset } }
    assert.deepEqual(JSON.parse(Buffer.from(listing!).toString()), {
      version: 1,
      root: { type: 'directory', entries },
    })
    assert.equal(await readListing(stage, { cacheId: cache.id, storeHash: '0'.repeat(32) }), undefined)
  })

  test('a listing that was too large to keep is not there', async () => {
    const names = Array.from({ length: 11_000 }, (_, i) => [`a-rather-long-name-${i}`, textFile('')] as const)
    const large = { hash: '4'.repeat(32), name: 'large' }
    await stage.push(cache, large, sampleNar(directory(Object.fromEntries(names))))
    assert.equal(await readListing(stage, { cacheId: cache.id, storeHash: large.hash }), undefined)
  })

  test('the name of a NAR is the nix32 of its file hash', () => {
    const name = narFileName(sha256(Buffer.alloc(0)))
    assert.equal(name, '0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73.nar.zst')
    assert.equal(parseNarFileName(name), sha256(Buffer.alloc(0)))
  })

  for (const name of [
    '',
    'x.nar.zst',
    `${'z'.repeat(52)}.nar.zst`,
    `${'0'.repeat(52)}.nar.xz`,
    `../${'0'.repeat(52)}.nar.zst`,
  ]) {
    test(`no NAR is named ${JSON.stringify(name)}`, () => assert.equal(parseNarFileName(name), undefined))
  }
})
