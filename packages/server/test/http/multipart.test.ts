import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { claimsOf, sampleNar, textFile } from '../services/sample-nar.ts'
import type { SamplePath } from '../services/sample-nar.ts'
import { HttpStage } from './http-stage.ts'
import { cut, PartSender } from './part-sender.ts'

const large = sampleNar({ type: 'regular', contents: randomBytes(700_000) })
const small = sampleNar(textFile('small'))

let stage: HttpStage
let sender: PartSender
before(async () => {
  stage = await HttpStage.open({ CACHIX_SERVE_MAX_NAR_SIZE: '1000000' })
  await stage.create('mine')
  await stage.create('other')
  sender = new PartSender(stage, 'mine')
})
after(() => stage.close())

let count = 0
/** One that no other test has. */
function freshPath(references: readonly string[] = []): SamplePath {
  count++
  return { hash: String(count).padStart(32, '0'), name: `path-${count}`, references }
}

async function isVisible({ hash }: SamplePath): Promise<boolean> {
  return (await stage.ask({ path: `/mine/${hash}.narinfo` })).status === 200
}

/** Of uploads that are under way. */
function partsLeft(): Promise<string[]> {
  return readdir(join(stage.directory, 'parts'), { recursive: true })
}

describe('A NAR that comes in parts', () => {
  test('is published by completing it, and its parts go', async () => {
    const path = freshPath()
    const { status, body } = await sender.send(path, large, 4)
    assert.deepEqual([status, body.length], [200, 0])
    assert.equal(await isVisible(path), true)
    const narinfo = (await stage.ask({ path: `/mine/${path.hash}.narinfo` })).text
    assert.match(narinfo, new RegExp(`NarHash: ${large.narHash}\n`))
    assert.match(narinfo, /\nSig: mine\.localhost-1:/)
    assert.deepEqual(await partsLeft(), [])
  })

  test('may come in any order, in four at once, and the last part may be empty', async () => {
    const path = freshPath()
    const upload = await sender.begin()
    const parts = [...cut(large.file, 7), new Uint8Array(0)]
    const listed = await Promise.all(
      [6, 0, 7, 3, 1, 5, 2, 4].map((index) => sender.sendPart(upload, index + 1, parts[index]!)),
    )
    assert.equal((await sender.complete(upload, listed, claimsOf(path, large))).status, 200)
    assert.equal(await isVisible(path), true)
  })

  test('needs no list of its parts', async () => {
    const path = freshPath()
    const upload = await sender.begin()
    for (const [index, part] of cut(large.file, 11).entries()) await sender.sendPart(upload, index + 1, part)
    assert.equal((await sender.complete(upload, null, claimsOf(path, large))).status, 200)
    assert.equal(await isVisible(path), true)
  })

  test('answers with ids and an absolute address on its own host, as JSON with status 200', async () => {
    const begun = await stage.post('/cache/mine/multipart-nar?compression=zst', '')
    assert.equal(begun.status, 200)
    assert.match(begun.headers['content-type'] ?? '', /^application\/json\b/)
    const upload = JSON.parse(begun.text) as { narId: string; uploadId: string }
    assert.deepEqual(Object.keys(upload).toSorted(), ['narId', 'uploadId'])
    assert.match(upload.narId, /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/)
    assert.match(upload.uploadId, /^[\w-]+$/)
    const signed = await sender.sign(upload, 1, small.file)
    assert.equal(signed.status, 200)
    assert.match(signed.headers['content-type'] ?? '', /^application\/json\b/)
    const { uploadUrl } = JSON.parse(signed.text) as { uploadUrl: string }
    assert.ok(uploadUrl.startsWith(`http://localhost:${stage.server.port}/`))
    const aborted = await sender.abort(upload)
    assert.deepEqual([aborted.status, aborted.body.length], [200, 0])
  })

  test('a part is sent without authorization, as often as needed, and has an ETag', async () => {
    const path = freshPath()
    const upload = await sender.begin()
    const address = await sender.addressOf(upload, 1, small.file)
    const first = await sender.put(address, small.file)
    const second = await sender.put(address, small.file)
    assert.deepEqual([first.status, first.body.length, second.status], [200, 0, 200])
    assert.match(first.headers.etag ?? '', /^"[0-9a-f]{32}"$/)
    assert.equal(first.headers.etag, second.headers.etag)
    const listed = [{ partNumber: 1, eTag: first.headers.etag ?? '' }]
    assert.equal((await sender.complete(upload, listed, claimsOf(path, small))).status, 200)
  })

  test('a part whose bytes are not those that were signed is refused', async () => {
    const upload = await sender.begin()
    const address = await sender.addressOf(upload, 1, small.file)
    const other = Buffer.from('other bytes')
    assert.match((await sender.put(address, other)).text, /MD5/)
    const wrongHeader = await sender.put(address, small.file, { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' })
    assert.deepEqual([wrongHeader.status, /Content-MD5/.test(wrongHeader.text)], [400, true])
    assert.equal((await sender.complete(upload, null, claimsOf(freshPath(), small))).status, 422)
    await sender.abort(upload)
  })

  test('an address counts for its own part only, and only as it was made', async () => {
    const upload = await sender.begin()
    const address = await sender.addressOf(upload, 1, small.file)
    const forged = [
      [address.replace('/1?', '/2?'), 400],
      [address.replace(upload.narId, 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'), 400],
      [address.replace(/ticket=.*/, ''), 401],
      [address.slice(0, -3), 401],
      [`${address.slice(0, -6)}AAAAAA`, 401],
      [address.replace(/ticket=.*/, `ticket=${upload.uploadId}`), 401],
    ] as const
    for (const [path, status] of forged)
      assert.equal((await sender.put(path, small.file)).status, status, path)
    await sender.abort(upload)
  })

  test('completing it again is the same success, also where the path waits for others', async () => {
    for (const references of [[], [`${'9'.repeat(32)}-absent`]]) {
      const path = freshPath(references)
      const upload = await sender.begin()
      const listed = [await sender.sendPart(upload, 1, small.file)]
      for (let again = 0; again < 3; again++) {
        assert.equal((await sender.complete(upload, listed, claimsOf(path, small))).status, 200)
      }
      assert.equal(await isVisible(path), references.length === 0)
    }
  })

  test('completed many times at once is completed once', async () => {
    const path = freshPath()
    const upload = await sender.begin()
    const listed = [await sender.sendPart(upload, 1, large.file)]
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => sender.complete(upload, listed, claimsOf(path, large))),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  })

  test('sent by many clients at once is a success for each', async () => {
    const path = freshPath()
    const answers = await Promise.all(Array.from({ length: 5 }, () => sender.send(path, large, 3)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(await isVisible(path), true)
  })

  test('of a closure that comes in any order is visible when the last path is there', async () => {
    const leaf = freshPath()
    const middle = freshPath([`${leaf.hash}-${leaf.name}`])
    const top = freshPath([`${leaf.hash}-${leaf.name}`, `${middle.hash}-${middle.name}`])
    for (const path of [top, middle]) {
      assert.equal((await sender.send(path, small)).status, 200)
      assert.equal(await isVisible(path), false)
    }
    assert.deepEqual(JSON.parse((await stage.post('/cache/mine/narinfo', [top.hash])).text), [top.hash])
    await sender.send(leaf, small)
    assert.deepEqual(await Promise.all([leaf, middle, top].map(isVisible)), [true, true, true])
  })

  test('keeps the content address', async () => {
    const path = freshPath()
    const upload = await sender.begin()
    await sender.sendPart(upload, 1, small.file)
    const cCa = `fixed:r:${small.narHash}`
    await sender.complete(upload, null, { ...claimsOf(path, small), cCa })
    assert.match((await stage.ask({ path: `/mine/${path.hash}.narinfo` })).text, new RegExp(`\nCA: ${cCa}\n`))
  })

  test('can be aborted, again and again, and takes no parts then', async () => {
    const upload = await sender.begin()
    const address = await sender.addressOf(upload, 1, small.file)
    await sender.put(address, small.file)
    assert.deepEqual([(await sender.abort(upload)).status, (await sender.abort(upload)).status], [200, 200])
    assert.deepEqual(await partsLeft(), [])
    assert.equal((await sender.put(address, small.file)).status, 404)
    assert.equal((await sender.sign(upload, 1, small.file)).status, 404)
    assert.equal((await sender.complete(upload, null, claimsOf(freshPath(), small))).status, 404)
  })

  describe('is refused, and leaves nothing,', () => {
    const lies = [
      ['with another file hash', { cFileHash: large.fileHash }, 422],
      ['with another file size', { cFileSize: 1 }, 422],
      ['with another NAR hash', { cNarHash: large.narHash }, 422],
      ['with another NAR size', { cNarSize: 1 }, 422],
      ['with a NAR size of nothing', { cNarSize: 0 }, 400],
      ['with a prefix before the file hash', { cFileHash: `sha256:${small.fileHash}` }, 400],
      ['with a signature of nobody', { cSig: Buffer.alloc(64).toString('base64') }, 422],
    ] as const
    for (const [what, lie, expected] of lies) {
      test(what, async () => {
        const path = freshPath()
        const upload = await sender.begin()
        const listed = [await sender.sendPart(upload, 1, small.file)]
        const { status, text } = await sender.complete(upload, listed, { ...claimsOf(path, small), ...lie })
        assert.equal(status, expected, text)
        assert.equal(await isVisible(path), false)
        await sender.abort(upload)
        assert.deepEqual(await partsLeft(), [])
      })
    }

    test('that is no compressed NAR', async () => {
      const file = randomBytes(500)
      const upload = await sender.begin()
      await sender.sendPart(upload, 1, file)
      const claims = { ...claimsOf(freshPath(), small), cFileSize: file.length }
      assert.equal((await sender.complete(upload, null, claims)).status, 415)
      assert.deepEqual(await partsLeft(), [])
    })

    test('whose parts are not those listed', async () => {
      const upload = await sender.begin()
      const listed = await sender.sendPart(upload, 1, small.file)
      const claims = claimsOf(freshPath(), small)
      const lists = [[listed, listed], [{ ...listed, partNumber: 2 }], [{ ...listed, eTag: '"0"' }]]
      for (const list of lists) {
        const other = await sender.begin()
        await sender.sendPart(other, 1, small.file)
        assert.equal((await sender.complete(other, list, claims)).status, 400)
      }
      await sender.abort(upload)
    })

    test('that is too large, though each part is not', async () => {
      const upload = await sender.begin()
      await sender.sendPart(upload, 1, randomBytes(700_000))
      const more = randomBytes(400_000)
      const { status } = await sender.put(await sender.addressOf(upload, 2, more), more)
      assert.equal(status, 413)
      await sender.abort(upload)
    })

    test('with a part of no sensible number, or MD5', async () => {
      const upload = await sender.begin()
      for (const number of [0, -1, 10_001, 1.5, 'x', '']) {
        assert.equal((await sender.sign(upload, number, small.file)).status, 400, String(number))
      }
      const path = `/cache/mine/multipart-nar/${upload.narId}?uploadId=${upload.uploadId}&partNumber=1`
      assert.equal((await stage.post(path, { contentMD5: 'AAAA' })).status, 400)
      await sender.abort(upload)
    })

    test('with a compression that is not known', async () => {
      const { status, text } = await stage.post('/cache/mine/multipart-nar?compression=lzop', '')
      assert.equal(status, 415)
      assert.match(text, /compression=zstd .*\bxz\b/)
    })
  })

  test('is nobody else’s: not another cache’s, not a stranger’s', async () => {
    const upload = await sender.begin()
    const elsewhere = new PartSender(stage, 'other')
    assert.equal((await elsewhere.sign(upload, 1, small.file)).status, 404)
    assert.equal((await elsewhere.abort(upload)).status, 404)
    const path = `/api/v1/cache/mine/multipart-nar/${upload.narId}/abort?uploadId=${upload.uploadId}`
    const stranger = await stage.ask({ method: 'POST', path, headers: { authorization: 'Bearer ' } })
    assert.equal(stranger.status, 401)
    assert.match(stranger.text, /auth token is needed/)
    assert.equal((await sender.sign(upload, 1, small.file)).status, 200)
    await sender.abort(upload)
  })

  test('no ticket shows in the log', () => {
    assert.doesNotMatch(stage.log, /ticket=/)
  })
})
