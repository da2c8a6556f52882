import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { truncate, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'

import { decodeRecipe, encodeRecipe } from '@cachix/protocol'
import * as fc from 'fast-check'

import type { Cache } from '../../src/database/cache-database.ts'
import { narFileName, parseNarFile } from '../../src/services/nar-file-name.ts'
import { readListing } from '../../src/services/read-listing.ts'
import { readNar } from '../../src/services/read-nar.ts'
import { readNarinfo } from '../../src/services/read-narinfo.ts'
import type { PackStore } from '../../src/storage/pack-store.ts'
import { bytesOf } from './nar-bytes.ts'
import { directory, sampleNar, sha256, textFile } from './sample-nar.ts'
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

  const narOf = (fileHash: string, cacheName = 'mine') => readNar(stage, { cacheName, fileHash })

  test('a NAR whose hashes are those it was stored with is a range of one file', async () => {
    const { fileHash, file } = await stage.served(cache, path)
    const found = await narOf(fileHash)
    assert.deepEqual([found!.cacheId, found!.isPublic, found!.fileSize], [cache.id, false, file.length])
    assert.equal(sha256(file), fileHash)
    const whole = await found!.read(0, file.length)
    const part = await found!.read(10, 20)
    assert.deepEqual([whole.kind, part.kind], ['file', 'file'])
    assert.deepEqual(await bytesOf(part), file.subarray(10, 20))
  })

  test('a NAR that was sent but not published is not there', async () => {
    const sent = sampleNar(textFile('only sent'))
    await stage.send(cache, sent.file)
    assert.equal(await narOf(sent.fileHash), undefined)
  })

  test('a NAR of another cache is not there', async () => {
    await stage.createManaged('other')
    const { fileHash } = await stage.served(cache, path)
    assert.equal(await narOf(fileHash, 'other'), undefined)
    assert.equal(await narOf(fileHash, 'nowhere'), undefined)
  })

  for (const [what, harm] of [
    ['gone', (packs: PackStore, name: string) => packs.delete(name)],
    ['shorter', async (packs: PackStore, name: string) => truncate((await packs.open(name))!.path!, 10)],
  ] as const) {
    test(`a pack that is ${what} is not served, nor is its path there, until it is pushed again`, async () => {
      const sample = sampleNar(textFile(`will be ${what}`))
      const suffering = { hash: sha256(Buffer.from(what)).slice(0, 32).replaceAll('e', 'z'), name: what }
      await stage.push(cache, suffering, sample)
      const { fileHash } = await stage.served(cache, suffering)
      const found = (await narOf(fileHash))!
      const { pack } = decodeRecipe((await stage.database.nars.findPublished('mine', fileHash))!.recipe)
        .runs[0]!
      await harm(stage.packs, pack)
      await assert.rejects(found.read(0, found.fileSize), { name: 'CacheError', code: 'damaged' })
      assert.deepEqual(await stage.database.paths.missing(cache.id, [suffering.hash]), [suffering.hash])
      assert.equal(await narOf(fileHash), undefined)
      await stage.push(cache, suffering, sample)
      assert.equal(sha256((await stage.served(cache, suffering)).file), fileHash)
    })
  }

  describe('a NAR whose bytes lie in several packs, with hashes laid over them', () => {
    const parts = [randomBytes(700_000), randomBytes(10), randomBytes(300_000)]
    const runs = parts.map((part) => ({ pack: sha256(part), offset: 0, length: part.length }))
    const patches = [0, 262_130, 699_990, 800_000].map((offset, i) => ({
      offset,
      hash: String(i).repeat(32),
    }))
    const whole = Buffer.concat(parts)
    for (const { offset, hash } of patches) whole.write(hash, offset)
    const fileHash = sha256(whole)

    before(async () => {
      for (const part of parts) {
        const spool = await stage.packs.createSpool()
        await writeFile(spool.path, part)
        await stage.packs.put(sha256(part), spool)
        await stage.database.chunks.record({ pack: { name: sha256(part), size: part.length }, chunks: [] })
      }
      await stage.database.paths.publish(cache.id, [
        {
          storeHash: '3'.repeat(32),
          storeName: 'scattered',
          nar: {
            fileHash,
            fileSize: whole.length,
            narHash: nar.narHash,
            narSize: nar.nar.length,
            recipe: encodeRecipe({ runs, patches }),
            listing: { template: new Uint8Array(0), hashes: [] },
            buildIds: [],
          },
          packs: runs.map(({ pack }) => pack),
          references: [],
          signatures: [],
        },
      ])
    })

    async function part(start: number, end: number) {
      return (await narOf(fileHash))!.read(start, end)
    }

    test('is read block by block', async () => {
      assert.equal((await part(0, whole.length)).kind, 'blocks')
      assert.ok((await bytesOf(await part(0, whole.length))).equals(whole))
    })

    test('is read in any part, also from inside a hash', () =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...patches.map(({ offset }) => offset), 700_000, whole.length),
          fc.integer({ min: -40, max: 40 }),
          fc.integer({ min: 1, max: 300_000 }),
          async (near, distance, length) => {
            const start = Math.max(0, Math.min(near + distance, whole.length - 1))
            const end = Math.min(start + length, whole.length)
            assert.ok((await bytesOf(await part(start, end))).equals(whole.subarray(start, end)))
          },
        ),
        { numRuns: 50 },
      ))

    test('where no hash is laid over one of them, is a range of a file', async () => {
      const { path } = (await stage.packs.open(runs[2]!.pack))!
      const found = await part(900_010, 900_020)
      assert.deepEqual(found, { kind: 'file', path, start: 200_000, end: 200_010 })
    })

    test('fails rather than end early when a pack shrinks while it is read, and is gone then', async () => {
      const found = await part(0, whole.length)
      assert.ok(found.kind === 'blocks')
      await truncate((await stage.packs.open(runs[2]!.pack))!.path!, 1_000)
      await assert.rejects(buffer(found.blocks), { name: 'CacheError', code: 'damaged' })
      assert.equal(await narOf(fileHash), undefined)
    })
  })

  test('a narinfo has an entity tag that changes with its text only', async () => {
    const read = () => readNarinfo(stage, { cacheName: 'mine', storeHash: path.hash })
    const first = await read()
    assert.match(first!.etag, /^"[\w-]+"$/)
    assert.deepEqual(await read(), first)
    await stage.push(cache, { hash: '5'.repeat(32), name: 'another' }, nar)
    const other = await readNarinfo(stage, { cacheName: 'mine', storeHash: '5'.repeat(32) })
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
    assert.equal(parseNarFile(name)?.fileHash, sha256(Buffer.alloc(0)))
  })

  for (const name of [
    '',
    'x.nar.zst',
    `${'z'.repeat(52)}.nar.zst`,
    `${'0'.repeat(52)}.nar.`,
    `${'0'.repeat(52)}.nar.zst.xz`,
    `../${'0'.repeat(52)}.nar.zst`,
  ]) {
    test(`no NAR is named ${JSON.stringify(name)}`, () => assert.equal(parseNarFile(name), undefined))
  }
})
