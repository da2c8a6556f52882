import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { truncateSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseNarInfo, sha256ToHex } from '@cachix/protocol'
import * as fc from 'fast-check'
import { sampleNar, sha256 } from '../services/sample-nar.ts'
import { parseRange } from '../../src/http/byte-range.ts'
import { HttpStage, samplePath } from './http-stage.ts'

const nar = sampleNar({ type: 'regular', contents: randomBytes(1_500_000) })
const size = nar.file.length
let stage: HttpStage
let path: string
before(async () => {
  stage = await HttpStage.open()
  for (const [name, isPublic] of [
    ['mine', true],
    ['secret', false],
  ] as const) {
    await stage.create(name, isPublic)
    await stage.push(name, samplePath, nar)
  }
  const narinfo = parseNarInfo((await stage.ask({ path: `/mine/${samplePath.hash}.narinfo` })).text)
  assert.equal(sha256ToHex(narinfo.fileHash ?? ''), nar.fileHash)
  path = `/mine/${narinfo.url}`
})
after(() => stage.close())

test('a NAR is served as it was uploaded, for ever cacheable, resumable, never encoded', async () => {
  const { status, headers, body } = await stage.ask({
    path,
    headers: { 'accept-encoding': 'zstd, br, gzip, deflate, bzip2, xz' },
  })
  assert.equal(status, 200)
  assert.equal(sha256(body), nar.fileHash)
  assert.equal(headers['content-type'], 'application/x-nix-nar')
  assert.equal(headers['content-length'], String(size))
  assert.equal(headers['transfer-encoding'], undefined)
  assert.equal(headers['accept-ranges'], 'bytes')
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.equal(headers['content-encoding'], undefined)
  assert.equal(headers.etag, `"${nar.fileHash}"`)
  assert.doesNotMatch(headers['content-disposition'] ?? '', /filename/)
})

test('a NAR of a private cache is kept by its reader only', async () => {
  const { headers } = await stage.ask({
    path: path.replace('mine', 'secret'),
    headers: { authorization: `Bearer ${stage.token}` },
  })
  assert.equal(headers['cache-control'], 'private, max-age=31536000, immutable')
})

test('HEAD of a NAR is GET without the body, and ranges do not apply', async () => {
  for (const range of ['', 'bytes=1-2', 'bytes=99999999-']) {
    const { status, headers, body } = await stage.ask({ method: 'HEAD', path, headers: { range } })
    assert.equal(status, 200)
    assert.equal(body.length, 0)
    assert.equal(headers['content-length'], String(size))
    assert.equal(headers['accept-ranges'], 'bytes')
    assert.equal(headers.etag, `"${nar.fileHash}"`)
  }
})

test('a NAR that the client has is not sent again', async () => {
  const answer = await stage.ask({
    path,
    headers: { 'if-none-match': `"${nar.fileHash}"`, range: 'bytes=1-2' },
  })
  assert.equal(answer.status, 304)
  assert.equal(answer.body.length, 0)
})

test('any Range is answered with exactly the bytes it names, or all of them, or 416', async () => {
  const position = fc.oneof(fc.nat(size + 10), fc.constantFrom(0, 1, size - 1, size))
  const range = fc.oneof(
    fc.tuple(position, position).map(([first, last]) => `bytes=${first}-${last}`),
    position.map((first) => `bytes=${first}-`),
    position.map((last) => `bytes=-${last}`),
    fc.constantFrom('bytes=1-2,5-6', 'bytes=-', 'lines=1-2', 'bytes=x', `bytes=0-${size - 1}`, 'bytes=0-'),
  )
  await fc.assert(
    fc.asyncProperty(range, async (range) => {
      const answer = await stage.ask({ path, headers: { range } })
      const expected = parseRange(range, size)
      if (expected === 'unsatisfiable') {
        assert.equal(answer.status, 416)
        assert.equal(answer.headers['content-range'], `bytes */${size}`)
        return
      }
      const { start, end } = expected === 'whole' ? { start: 0, end: size } : expected
      assert.equal(answer.status, expected === 'whole' ? 200 : 206)
      if (expected !== 'whole') {
        assert.equal(answer.headers['content-range'], `bytes ${start}-${end - 1}/${size}`)
      }
      assert.equal(answer.headers['content-length'], String(end - start))
      assert.ok(answer.body.equals(nar.file.subarray(start, end)))
    }),
    { numRuns: 30 },
  )
})

test('a NAR continues where a cut download ended', async () => {
  const first = await stage.ask({ path, headers: { range: 'bytes=0-999999' } })
  const rest = await stage.ask({ path, headers: { range: 'bytes=1000000-' } })
  assert.equal(sha256(Buffer.concat([first.body, rest.body])), nar.fileHash)
})

test('what is not the name of a NAR of the cache is 404', async () => {
  await stage.create('other')
  const name = path.slice('/mine/nar/'.length)
  for (const absent of [
    `/other/nar/${name}`,
    `/mine/nar/${name}x`,
    `/mine/nar/1${'0'.repeat(51)}.nar.zst`,
    `/mine/nar/${name.replace('zst', 'xz')}`,
    `/mine/nar/${nar.fileHash}.nar.zst`,
    '/mine/nar/',
    '/mine/nar/..%2f..%2fservice.key',
    '/mine/nar/../../service.key',
  ]) {
    assert.equal((await stage.ask({ path: absent })).status, 404, absent)
  }
})

test('a NAR whose pack is damaged is gone, for HEAD as well, and that is logged', async () => {
  const packs = join(stage.directory, 'packs')
  const files = await readdir(packs, { recursive: true })
  const file = files.find((name) => name.endsWith(nar.fileHash))
  truncateSync(join(packs, file ?? ''), size - 1)
  for (const method of ['GET', 'HEAD']) {
    const { status, headers } = await stage.ask({ method, path })
    assert.equal(status, 410)
    assert.equal(headers['cache-control'], 'no-store')
  }
  assert.match((await stage.ask({ path })).text, /damaged/)
  assert.match(stage.log, /damaged/)
})
