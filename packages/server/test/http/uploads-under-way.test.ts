import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { openDiskPartStore } from '../../src/storage/disk-part-store.ts'
import { expireUploads } from '../../src/services/upkeep/expire-uploads.ts'
import { hasty } from '../services/upkeep/pace.ts'
import { claimsOf, sampleNar, textFile } from '../services/sample-nar.ts'
import { HttpStage } from './http-stage.ts'
import { cut, PartSender } from './part-sender.ts'
import type { ListedPart } from './part-sender.ts'

const large = sampleNar({ type: 'regular', contents: randomBytes(3_000_000) })
const small = sampleNar(textFile('small'))
const path = { hash: '7'.repeat(32), name: 'path' }

describe('Uploads in parts that are under way', () => {
  let stage: HttpStage
  let sender: PartSender
  before(async () => {
    stage = await HttpStage.open()
    await stage.create('mine')
    await stage.create('other')
    sender = new PartSender(stage, 'mine')
  })
  after(() => stage.close())

  const filesIn = (folder: string) => readdir(join(stage.directory, folder), { recursive: true })

  test('are told alike where many asked for one to be completed, and that failed', async () => {
    const upload = await sender.begin()
    const listed = [await sender.sendPart(upload, 1, large.file)]
    const lie = { ...claimsOf(path, large), cNarHash: small.narHash }
    const answers = await Promise.all(Array.from({ length: 6 }, () => sender.complete(upload, listed, lie)))
    for (const { status, text } of answers) {
      assert.equal(status, 422)
      assert.match(text, /does not have the NAR hash claimed/)
    }
    const late = await sender.complete(upload, listed, lie)
    assert.deepEqual([late.status, /Send the path again/.test(late.text)], [404, true])
    assert.deepEqual(await filesIn('parts'), [])
  })

  test('may have more than a thousand parts, numbered up to 10,000; a client with more is told of larger ones', async () => {
    const upload = await sender.begin()
    const parts = cut(large.file, 1001)
    const queue = parts.entries()
    const listed: ListedPart[] = []
    const send = async () => {
      for (const [index, part] of queue)
        listed.push(await sender.sendPart(upload, index === 1000 ? 10_000 : index + 1, part))
    }
    await Promise.all(Array.from({ length: 8 }, send))
    const { status, text } = await sender.sign(upload, 10_001, small.file)
    assert.deepEqual([status, /larger parts \(--chunk-size\)/.test(text)], [400, true])
    const many = { hash: '8'.repeat(32), name: 'many-parts' }
    assert.equal((await sender.complete(upload, listed, claimsOf(many, large))).status, 200)
    assert.equal((await stage.ask({ path: `/mine/${many.hash}.narinfo` })).status, 200)
  })

  test('are given up by upkeep also while a part comes in: it is refused then, and leaves nothing', async () => {
    const upload = await sender.begin()
    const address = await sender.addressOf(upload, 1, large.file)
    const half = large.file.length / 2
    const answer = Promise.withResolvers<{ status: number | undefined; text: string }>()
    const put = request({ port: stage.server.port, method: 'PUT', path: address }, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        answer.resolve({ status: response.statusCode, text })
      })
    }).on('error', answer.reject)
    put.setHeader('content-length', large.file.length)
    put.write(large.file.subarray(0, half))
    while ((await filesIn('spool')).length === 0) await new Promise(setImmediate)
    const store = await openDiskPartStore(stage.directory)
    const { uploads } = await stage.withDatabase((database) =>
      expireUploads({ database, parts: store }, { ...hasty, graceMs: -1000 }),
    )
    assert.equal(uploads, 1)
    put.end(large.file.subarray(half))
    const { status, text } = await answer.promise
    assert.deepEqual([status, /Send the path again/.test(text)], [404, true])
    assert.deepEqual([await filesIn('spool'), await filesIn('parts')], [[], []])
  })

  test('that are aborted while they are completed are gone, which is no failure of the service', async () => {
    for (let round = 0; round < 10; round++) {
      const upload = await sender.begin()
      const listed = [await sender.sendPart(upload, 1, large.file)]
      const other = { hash: String(round).padStart(32, '0'), name: 'other' }
      const [completed] = await Promise.all([
        sender.complete(upload, listed, claimsOf(other, large)),
        sender.abort(upload),
      ])
      assert.ok([200, 400, 404].includes(completed.status), completed.text)
    }
    assert.deepEqual(await filesIn('parts'), [])
  })

  test('are 10,000 in a cache and no more, until some are at their end; others may go on', async () => {
    const first = await sender.begin()
    const parts = join(stage.directory, 'parts')
    const [prefix = ''] = (await readdir(parts))[0]!.split('-')
    for (let count = 1; count < 10_000; count++) mkdirSync(join(parts, `${prefix}-left-${count}`))
    const { status, headers, text } = await stage.post('/cache/mine/multipart-nar?compression=zst', '')
    assert.deepEqual([status, headers['retry-after']], [503, '5'])
    assert.match(text, /^10000 uploads to cache mine are under way\. Finish or abort some/)
    const elsewhere = new PartSender(stage, 'other')
    await elsewhere.abort(await elsewhere.begin())
    const listed = [await sender.sendPart(first, 1, small.file)]
    assert.equal((await sender.complete(first, listed, claimsOf(path, small))).status, 200)
    await sender.abort(await sender.begin())
  })
})
