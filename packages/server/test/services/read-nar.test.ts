import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { open, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { decodeRecipe, encodeRecipe } from '@cachix/protocol'
import * as fc from 'fast-check'

import type { Cache } from '../../src/database/cache-database.ts'
import type { AssembledFileDeps } from '../../src/services/assembled-file.ts'
import { narFileName, parseNarFile } from '../../src/services/nar-file-name.ts'
import { readListing } from '../../src/services/read-listing.ts'
import { readNar } from '../../src/services/read-nar.ts'
import { PackProofs } from '../../src/services/pack-proofs.ts'
import { readNarinfo } from '../../src/services/read-narinfo.ts'
import { openDiskAssembledFiles } from '../../src/storage/disk-assembled-files.ts'
import type { PackStore } from '../../src/storage/pack-store.ts'
import { bytesOf } from './nar-bytes.ts'
import { directory, sampleNar, sha256, textFile } from './sample-nar.ts'
import { ServiceStage } from './service-stage.ts'

const random = randomBytes(30_000).toString('base64')
const nar = sampleNar(directory({ hello: textFile(`hello${random}`) }))
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
    const part = await found!.read(10, 30_010)
    assert.deepEqual([whole.kind, part.kind], ['file', 'file'])
    assert.deepEqual(await bytesOf(part), file.subarray(10, 30_010))
  })

  test('a few bytes are read at once', async () => {
    const { fileHash, file } = await stage.served(cache, path)
    const bytes = new Uint8Array(file.subarray(10, 20))
    assert.deepEqual(await (await narOf(fileHash))!.read(10, 20), { kind: 'bytes', bytes })
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
    ['altered', async (packs: PackStore, name: string) => flipBit((await packs.open(name))!.path!)],
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

  test('a pack that was altered unseen is found out when the service starts again', async () => {
    const sample = sampleNar(textFile('altered unseen'))
    const suffering = { hash: '7'.repeat(32), name: 'unseen' }
    await stage.push(cache, suffering, sample)
    const { fileHash } = await stage.served(cache, suffering)
    const nar = (await stage.database.nars.findPublished('mine', fileHash))!
    const pack = (await stage.packs.open(decodeRecipe(nar.recipe).runs[0]!.pack))!
    const { atime, mtime } = await stat(pack.path!)
    await utimes(pack.path!, atime, mtime)
    const known = (await stage.packs.open(decodeRecipe(nar.recipe).runs[0]!.pack))!.version
    await flipBit(pack.path!)
    await utimes(pack.path!, atime, mtime)
    assert.equal((await stage.packs.open(decodeRecipe(nar.recipe).runs[0]!.pack))!.version, known)
    const restarted = partsOf(stage, { proofs: new PackProofs() })
    const found = (await readNar(restarted, { cacheName: 'mine', fileHash }))!
    const read = await Promise.allSettled(Array.from({ length: 10 }, () => found.read(0, found.fileSize)))
    for (const { status } of read) assert.equal(status, 'rejected')
    assert.equal(await narOf(fileHash), undefined)
    await stage.push(cache, suffering, sample)
    assert.equal(sha256((await stage.served(cache, suffering)).file), fileHash)
  })

  // The larger one is put together by a worker thread.
  for (const [size, storeHash, last] of [
    ['less', '3', 300_000],
    ['more', '6', 900_000],
  ] as const)
    describe(`a NAR of ${size} than 1 MiB whose bytes lie in several packs, with hashes laid over them`, () =>
      describeScattered(storeHash.repeat(32), last))

  async function storePack(part: Buffer): Promise<void> {
    const spool = await stage.packs.createSpool()
    await writeFile(spool.path, part)
    await stage.packs.put(sha256(part), spool)
    await stage.database.chunks.record({ pack: { name: sha256(part), size: part.length }, chunks: [] })
  }

  function describeScattered(storeHash: string, last: number): void {
    const parts = [randomBytes(700_000), randomBytes(10), randomBytes(last)]
    const runs = parts.map((part) => ({ pack: sha256(part), offset: 0, length: part.length }))
    const patches = [0, 262_130, 699_990, 800_000].map((offset, i) => ({
      offset,
      hash: String(i).repeat(32),
    }))
    const whole = Buffer.concat(parts)
    for (const { offset, hash } of patches) whole.write(hash, offset)
    const fileHash = sha256(whole)

    before(async () => {
      for (const part of parts) await storePack(part)
      await stage.database.paths.publish(cache.id, [
        {
          storeHash,
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

    test('is a range of one file, which is made once for all who read it', async () => {
      const nar = (await narOf(fileHash))!
      const sizeBefore = stage.assembled.size
      const found = await Promise.all(Array.from({ length: 50 }, () => nar.read(0, whole.length)))
      assert.equal(new Set(found.map((bytes) => bytes.kind === 'file' && bytes.path)).size, 1)
      assert.ok((await bytesOf(found[0]!)).equals(whole))
      assert.deepEqual(await bytesOf(await part(650_000, 720_000)), whole.subarray(650_000, 720_000))
      assert.equal(stage.assembled.size - sizeBefore, whole.length)
    })

    test('is read from memory where that is little', async () => {
      const found = await part(699_980, 700_020)
      assert.deepEqual(found, { kind: 'bytes', bytes: new Uint8Array(whole.subarray(699_980, 700_020)) })
    })

    test('is read block by block where there is no room for a file', async () => {
      const assembled = await openDiskAssembledFiles(join(stage.directory, 'no room'), { limit: 1000 })
      const nar = (await readNar(partsOf(stage, { assembled }), { cacheName: 'mine', fileHash }))!
      const found = await nar.read(0, whole.length)
      assert.equal(found.kind, 'blocks')
      assert.ok((await bytesOf(found)).equals(whole))
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
      const found = await part(900_010, 930_010)
      assert.deepEqual(found, { kind: 'file', path, start: 200_000, end: 230_000 })
    })

    /** The packs of the stage, of which the last one shrinks when it was opened that often. */
    function shrinking(times: number): PackStore {
      let count = 0
      return {
        createSpool: () => stage.packs.createSpool(),
        put: () => assert.fail(),
        delete: () => assert.fail(),
        list: () => assert.fail(),
        async open(name: string) {
          const opened = await stage.packs.open(name)
          if (name === runs[2]!.pack && ++count === times) await truncate(opened!.path!, 1_000)
          return opened
        },
      }
    }

    for (const [what, times, { start, end }] of [
      ['opened for putting together', 1, { start: 0, end: whole.length }],
      ['put together', 2, { start: 0, end: whole.length }],
      ['read from memory', 1, { start: 799_990, end: 800_100 }],
    ] as const) {
      test(`is not ${what} where a pack shrinks meanwhile, and is gone then`, async () => {
        const assembled = await openDiskAssembledFiles(join(stage.directory, 'other'), { limit: 2_000_000 })
        const deps = partsOf(stage, { packs: shrinking(times), assembled })
        const nar = (await readNar(deps, { cacheName: 'mine', fileHash }))!
        await assert.rejects(nar.read(start, end), { name: 'CacheError', code: 'damaged' })
        assert.equal(assembled.size, 0)
        assert.equal(await narOf(fileHash), undefined)
        await storePack(parts[2]!)
        assert.ok((await bytesOf(await part(0, whole.length))).equals(whole))
      })
    }

    test('is not served from its file when a pack it lies in is gone', async () => {
      await stage.packs.delete(runs[0]!.pack)
      const nar = (await narOf(fileHash))!
      await assert.rejects(nar.check(), { name: 'CacheError', code: 'damaged' })
      await assert.rejects(nar.read(0, whole.length), { name: 'CacheError', code: 'damaged' })
      assert.equal(await narOf(fileHash), undefined)
    })
  }

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
    const entries = { hello: { type: 'regular', size: 5 + random.length, narOffset } }
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

/** Those of the stage, but for some. */
function partsOf(
  { database, packs, proofs, assembled, readWorkers }: ServiceStage,
  others: Partial<AssembledFileDeps>,
): AssembledFileDeps {
  return { database, packs, proofs, assembled, readWorkers, ...others }
}

async function flipBit(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 5)
  await file.write(Buffer.of(buffer[0]! ^ 1), 0, 1, 5)
  await file.close()
}
