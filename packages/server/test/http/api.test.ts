import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { BinaryCache } from '@cachix/api'
import { claimsOf, sampleNar, textFile } from '../services/sample-nar.ts'
import { routes } from '../../src/http/api.ts'
import { absentHash, helloNar, HttpStage, samplePath } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
})
after(() => stage.close())

const publicKey = Buffer.alloc(32, 5).toString('base64')

test('a cache is created with 200 and nothing else, and described with all that clients want', async () => {
  const created = await stage.post('/cache/made', { isPublic: true, generateSigningKey: true })
  assert.deepEqual([created.status, created.text], [200, ''])
  const { status, headers, text } = await stage.ask({ path: '/api/v1/cache/made' })
  assert.equal(status, 200)
  assert.match(headers['content-type'] ?? '', /^application\/json/)
  const cache = BinaryCache.parse(JSON.parse(text))
  assert.deepEqual(
    { ...cache, publicSigningKeys: cache.publicSigningKeys.map((key) => key.split(':')[0]) },
    {
      name: 'made',
      uri: `http://made.localhost:${stage.server.port}`,
      isPublic: true,
      publicSigningKeys: ['made.localhost-1'],
      githubUsername: 'owner',
      permission: 'Read',
      preferredCompressionMethod: 'ZSTD',
      upstreams: [
        {
          url: 'https://cache.nixos.org',
          publicKeys: ['cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY='],
        },
      ],
    },
  )
})

test('the owner is an administrator', async () => {
  const headers = { authorization: `Bearer ${stage.token}` }
  const { text } = await stage.ask({ path: '/api/v1/cache/mine', headers })
  assert.equal(JSON.parse(text).permission, 'Admin')
})

test('creating needs a token', async () => {
  const { status } = await stage.ask({ method: 'POST', path: '/api/v1/cache/x', body: '{}' })
  assert.equal(status, 401)
})

test('a taken name and a bad one are refused with the reason', async () => {
  const body = { isPublic: true, generateSigningKey: true }
  assert.equal((await stage.post('/cache/mine', body)).status, 409)
  for (const name of ['Mine', 'a_b', '-a', 'a'.repeat(51), 'a%00b', 'a%0ab', '%ff']) {
    const { status, text } = await stage.post(`/cache/${name}`, body)
    assert.equal(status, 400, name)
    assert.match(text, /A cache name has 1 to 50 characters/)
    assert.match(text, /^[^\n]+\n$/)
  }
  assert.match((await stage.post('/cache/healthz', body)).text, /used by the service itself/)
})

test('a cache gets its signing key once', async () => {
  await stage.post('/cache/keyless', { isPublic: true, generateSigningKey: false })
  const first = await stage.post('/cache/keyless/key', { publicKey })
  assert.deepEqual([first.status, first.text], [200, ''])
  assert.equal((await stage.post('/cache/keyless/key', { publicKey })).status, 200)
  const other = Buffer.alloc(32, 6).toString('base64')
  assert.equal((await stage.post('/cache/keyless/key', { publicKey: other })).status, 409)
  assert.equal((await stage.post('/cache/mine/key', { publicKey: 'x' })).status, 400)
})

test('a path is uploaded, published, and no longer missing', async () => {
  const hashes = [absentHash, samplePath.hash]
  const before = await stage.post('/cache/mine/narinfo', hashes)
  assert.deepEqual([before.status, JSON.parse(before.text)], [200, hashes])
  const uploaded = await stage.post('/cache/mine/nar?compression=zst', helloNar.file)
  assert.equal(uploaded.status, 200)
  assert.deepEqual(JSON.parse(uploaded.text), {
    fileHash: helloNar.fileHash,
    fileSize: helloNar.file.length,
    narHash: helloNar.narHash,
    narSize: helloNar.nar.length,
  })
  const published = await stage.post(`/cache/mine/${samplePath.hash}.narinfo`, claimsOf(samplePath, helloNar))
  assert.deepEqual([published.status, published.text], [200, ''])
  const again = await stage.post(`/cache/mine/${samplePath.hash}.narinfo`, claimsOf(samplePath, helloNar))
  assert.equal(again.status, 200)
  assert.deepEqual(JSON.parse((await stage.post('/cache/mine/narinfo', hashes)).text), [absentHash])
})

test('the largest query of the genuine client is answered', async () => {
  const hashes = Array.from({ length: 32_768 }, (_, index) => String(index).padStart(32, '0'))
  const { status, text } = await stage.post('/cache/mine/narinfo', hashes)
  assert.equal(status, 200)
  assert.equal(JSON.parse(text).length, hashes.length)
})

test('a path is published under its own hash, and with a NAR that was sent', async () => {
  const claims = claimsOf(samplePath, helloNar)
  assert.equal((await stage.post(`/cache/mine/${absentHash}.narinfo`, claims)).status, 400)
  const never = claimsOf({ ...samplePath, hash: absentHash }, sampleNar(textFile('never sent')))
  assert.equal((await stage.post(`/cache/mine/${absentHash}.narinfo`, never)).status, 404)
})

test('a NAR that is not compressed as it is said to be, or in no way that is known, is refused', async () => {
  for (const query of ['', '?compression=xz', '?compression=lrzip', '?compression=']) {
    assert.equal((await stage.post(`/cache/mine/nar${query}`, helloNar.file)).status, 415, query)
  }
  assert.equal((await stage.post('/cache/mine/nar?compression=zst', Buffer.from('not zstd'))).status, 415)
  const noNar = sampleNar(textFile('x'))
  const cut = noNar.file.subarray(0, noNar.file.length - 1)
  const { status } = await stage.post('/cache/mine/nar?compression=zst', cut)
  assert.ok(status >= 400 && status < 500)
})

test('whose token this is', async () => {
  const headers = { authorization: `Bearer ${stage.token}` }
  const { status, text } = await stage.ask({ path: '/api/v1/user', headers })
  assert.equal(status, 200)
  const { username, githubUsername } = JSON.parse(text)
  assert.deepEqual([username, githubUsername], ['owner', 'owner'])
  assert.equal((await stage.ask({ path: '/api/v1/user' })).status, 401)
  const bad = await stage.ask({ path: '/api/v1/user', headers: { authorization: 'Bearer nonsense' } })
  assert.equal(bad.status, 401)
  assert.match(bad.text, /not known/)
})

test('the API describes itself', async () => {
  const { status, text } = await stage.ask({ path: '/api/v1/openapi.json' })
  assert.equal(status, 200)
  const { openapi, paths } = JSON.parse(text)
  assert.equal(openapi, '3.1.0')
  const described = new Set(routes.map((route) => `/api/v1${route.description.path}`))
  assert.deepEqual(new Set(Object.keys(paths)), described)
  assert.ok(
    paths['/api/v1/cache/{name}'].post.requestBody.content['application/json'].schema.properties.isPublic,
  )
})
