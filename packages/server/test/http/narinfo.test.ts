import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parseNarInfo } from '@cachix/protocol'
import { absentHash, helloNar, HttpStage, samplePath } from './http-stage.ts'

const path = `/mine/${samplePath.hash}.narinfo`
let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
  await stage.push('mine', samplePath, helloNar)
})
after(() => stage.close())

test('a narinfo is served in full, briefly cacheable, with its length and tag', async () => {
  const { status, headers, text } = await stage.ask({ path })
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/x-nix-narinfo')
  assert.equal(headers['content-length'], String(text.length))
  assert.match(headers['cache-control'] ?? '', /^public, max-age=60, must-revalidate$/)
  assert.match(headers.etag ?? '', /^"[\w-]+"$/)
  assert.equal(parseNarInfo(text).storePath, `/nix/store/${samplePath.hash}-${samplePath.name}`)
})

test('HEAD of a narinfo is GET without the body', async () => {
  const [got, head] = await Promise.all([stage.ask({ path }), stage.ask({ path, method: 'HEAD' })])
  assert.equal(head.status, 200)
  assert.equal(head.body.length, 0)
  for (const name of ['content-type', 'content-length', 'cache-control', 'etag']) {
    assert.equal(head.headers[name], got.headers[name], name)
  }
})

test('a narinfo that the client has is not sent again', async () => {
  const { headers } = await stage.ask({ path })
  for (const tag of [headers.etag ?? '', `"other", W/${headers.etag}`, '*']) {
    const answer = await stage.ask({ path, headers: { 'if-none-match': tag } })
    assert.equal(answer.status, 304, tag)
    assert.equal(answer.body.length, 0)
    assert.equal(answer.headers.etag, headers.etag)
  }
  assert.equal((await stage.ask({ path, headers: { 'if-none-match': '"other"' } })).status, 200)
})

test('an absent path is 404 without a body, not to be kept', async () => {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers, body } = await stage.ask({ method, path: `/mine/${absentHash}.narinfo` })
    assert.equal(status, 404)
    assert.equal(body.length, 0)
    assert.equal(headers['cache-control'], 'no-store')
  }
})

test('a path is there as soon as its publication is acknowledged, also after a miss', async () => {
  const hash = '2f2f2f2f2f2f2f2f2f2f2f2f2f2f2f2f'
  const late = { ...samplePath, hash }
  assert.equal((await stage.ask({ path: `/mine/${hash}.narinfo` })).status, 404)
  await stage.push('mine', late, helloNar)
  assert.equal((await stage.ask({ path: `/mine/${hash}.narinfo` })).status, 200)
})

test('nix-cache-info is there on a cache with nothing in it', async () => {
  await stage.create('empty')
  for (const method of ['GET', 'HEAD']) {
    const { status, headers, text } = await stage.ask({ method, path: '/empty/nix-cache-info' })
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/x-nix-cache-info')
    const expected = 'StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 41\n'
    assert.equal(headers['content-length'], String(expected.length))
    assert.equal(text, method === 'GET' ? expected : '')
  }
})

test('the listing of a path is served', async () => {
  const { status, headers, text } = await stage.ask({ path: `/mine/${samplePath.hash}.ls` })
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'application/json')
  assert.deepEqual(JSON.parse(text).root, { type: 'regular', size: 600_000, narOffset: 96 })
  assert.equal((await stage.ask({ path: `/mine/${absentHash}.ls` })).status, 404)
})

test('what Nix reads is written to by nobody without a token, and with PUT only', async () => {
  for (const path of ['/mine/nix-cache-info', `/mine/${samplePath.hash}.narinfo`]) {
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await stage.ask({ method, path })
      assert.equal(status, 405, `${method} ${path}`)
      assert.equal(headers.allow, 'GET, HEAD, PUT')
    }
    assert.equal((await stage.ask({ method: 'PUT', path, body: 'StoreDir: /x\n' })).status, 401)
  }
})
