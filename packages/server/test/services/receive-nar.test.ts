import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { stat, symlink, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'

import type { Cache } from '../../src/database/cache-database.ts'
import { receiveNar } from '../../src/services/receive-nar.ts'
import type { PackStore } from '../../src/storage/pack-store.ts'
import { directory, sampleNar, textFile, toFrames } from './sample-nar.ts'
import { ServiceStage } from './service-stage.ts'

const compressions = {
  'one large frame': {},
  'one frame that does not tell its size': { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } },
  'one frame with a checksum': { params: { [constants.ZSTD_c_checksumFlag]: 1 } },
  'compressed with much memory': { params: { [constants.ZSTD_c_windowLog]: 25 } },
}

describe('Receiving a NAR', () => {
  let stage: ServiceStage
  let cache: Cache
  before(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine')
  })
  after(() => stage.close())

  const signal = new AbortController().signal

  test('tells what is in it, keeps its bytes as a pack and records it for the cache', async () => {
    const sample = sampleNar(directory({ bin: directory({ hello: textFile('hello') }) }))
    const { nar, file, fileHash, narHash } = sample
    const uploaded = await stage.send(cache, file)
    assert.deepEqual(uploaded, { fileHash, fileSize: file.length, narHash, narSize: nar.length })
    const pack = await stage.packs.open(fileHash)
    assert.deepEqual(await buffer(pack!.read(0, pack!.size)), file)
    const upload = await stage.database.uploads.find(cache.id, fileHash)
    assert.deepEqual(upload, { ...uploaded, compression: 'zstd' })
    assert.equal((await stage.files()).filter((name) => name !== fileHash).length, 0)
  })

  test('takes a NAR of many frames that arrives in blocks of any size', async () => {
    const { nar } = sampleNar({ type: 'regular', contents: randomBytes(5_000_000) })
    const file = toFrames(nar, 300_000)
    const blocks = Array.from({ length: 100 }, (_, i) => file.subarray(i * 51_001, (i + 1) * 51_001))
    const uploaded = await receiveNar(stage, {
      cache,
      compression: 'zstd',
      body: Readable.from(blocks),
      signal,
    })
    assert.equal(uploaded.narSize, nar.length)
  })

  for (const [what, options] of Object.entries(compressions)) {
    test(`takes a NAR that is ${what}`, async () => {
      const { nar, narHash } = sampleNar({ type: 'regular', contents: randomBytes(6_000_000) })
      const file = zstdCompressSync(nar, options)
      assert.equal((await stage.send(cache, file)).narHash, narHash)
    })
  }

  test('the same NAR again is the same success, and is not written again', async () => {
    const { file, fileHash } = sampleNar(textFile('sent twice'))
    const first = await stage.send(cache, file)
    const { path } = (await stage.packs.open(fileHash))!
    const written = await stat(path!, { bigint: true })
    assert.deepEqual(await stage.send(cache, file), first)
    assert.equal((await stat(path!, { bigint: true })).ctimeNs, written.ctimeNs)
  })

  for (const [damage, bytes] of [
    ['cut short', Buffer.from('short')],
    ['changed', Buffer.alloc(sampleNar(textFile('damaged')).file.length)],
  ] as const) {
    test(`a pack that was ${damage} is mended by sending it again`, async () => {
      const { file, fileHash } = sampleNar(textFile('damaged'))
      await stage.send(cache, file)
      await writeFile((await stage.packs.open(fileHash))!.path!, bytes)
      await stage.send(cache, file)
      const mended = await stage.packs.open(fileHash)
      assert.deepEqual(await buffer(mended!.read(0, mended!.size)), file)
    })
  }

  test('a pack that was lost is mended by sending it again', async () => {
    const { file, fileHash } = sampleNar(textFile('lost'))
    await stage.send(cache, file)
    await stage.packs.delete(fileHash)
    await stage.send(cache, file)
    assert.equal((await stage.packs.open(fileHash))?.size, file.length)
  })

  test('the same NAR sent by many at once is kept once', async () => {
    const { file, fileHash } = sampleNar(textFile('all together'))
    const answers = await Promise.all(Array.from({ length: 6 }, () => stage.send(cache, file)))
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1)
    assert.equal((await stage.files()).filter((name) => name === fileHash).length, 1)
  })

  test('what one cache was sent, another may not use', async () => {
    const other = await stage.createManaged('other')
    const { file, fileHash } = sampleNar(textFile('for one cache'))
    await stage.send(cache, file)
    assert.equal(await stage.database.uploads.find(other.id, fileHash), undefined)
    await stage.send(other, file)
    assert.notEqual(await stage.database.uploads.find(other.id, fileHash), undefined)
  })

  test('a full disk is said so and leaves nothing', async () => {
    const before = await stage.contents()
    const { file } = sampleNar(textFile('does not fit'))
    const { database, workers, maxUploadSize } = stage
    const deps = { database, workers, maxUploadSize, packs: onFullDisk(stage.packs) }
    const sent = receiveNar(deps, { cache, compression: 'zstd', body: Readable.from([file]), signal })
    await assert.rejects(sent, { name: 'CacheError', code: 'disk-full' })
    assert.deepEqual(await stage.contents(), before)
  })
})

/** Its spools lead to the kernel's own full disk. */
function onFullDisk(packs: PackStore): PackStore {
  return {
    async createSpool() {
      const spool = await packs.createSpool()
      await symlink('/dev/full', spool.path)
      return spool
    },
    put: (name, spool) => packs.put(name, spool),
    open: (name) => packs.open(name),
    delete: (name) => packs.delete(name),
    list: () => packs.list(),
  }
}
