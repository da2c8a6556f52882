import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helloNar, HttpStage, samplePath } from './http-stage.ts'
import type { Answer } from './http-stage.ts'

const json = { accept: 'application/json;charset=utf-8,application/json' }
const file = `${samplePath.hash}.narinfo`

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
  await stage.create('hidden', false)
  await stage.push('mine', samplePath, helloNar)
})
after(() => stage.close())

function asOwner(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return stage.ask({
    method,
    path: `/api/v1${path}`,
    headers: { authorization: `Bearer ${stage.token}`, ...headers },
  })
}

test('whoever asks is told their own caches, and strangers none', async () => {
  const { status, text } = await asOwner('/cache')
  assert.equal(status, 200)
  const caches = JSON.parse(text) as Record<string, unknown>[]
  assert.deepEqual(
    caches.map(({ name, isPublic }) => [name, isPublic]),
    [
      ['hidden', false],
      ['mine', true],
    ],
  )
  const mine = caches[1]!
  assert.deepEqual(Object.keys(mine).toSorted(), [
    'isPublic',
    'name',
    'publicSigningKeys',
    'totalFileSize',
    'uri',
  ])
  assert.ok(Number(mine['totalFileSize']) > 0)
  assert.equal((await stage.ask({ path: '/api/v1/cache' })).status, 401)
})

test('the contents of a cache are an array of its paths', async () => {
  const mine = await stage.ask({ path: '/api/v1/cache/mine/contents' })
  assert.match(mine.headers['content-type'] ?? '', /^application\/json/)
  assert.deepEqual(JSON.parse(mine.text), [`${samplePath.hash}-${samplePath.name}`])
  assert.deepEqual(JSON.parse((await asOwner('/cache/hidden/contents')).text), [])
  assert.equal((await stage.ask({ path: '/api/v1/cache/hidden/contents' })).status, 401)
})

test('a narinfo is JSON for those who accept it, and revalidated by its ETag in either form', async () => {
  const path = `/api/v1/cache/mine/${file}`
  const asJson = await stage.ask({ path, headers: json })
  assert.match(asJson.headers['content-type'] ?? '', /^application\/json/)
  const info = JSON.parse(asJson.text) as Record<string, unknown>
  assert.equal(info['storePath'], `/nix/store/${samplePath.hash}-${samplePath.name}`)
  assert.equal(info['narHash'], helloNar.narHash)
  assert.equal(info['narSize'], helloNar.nar.length)
  const plain = await stage.ask({ path })
  assert.equal(plain.headers['content-type'], 'text/x-nix-narinfo')
  assert.match(plain.headers['cache-control'] ?? '', /must-revalidate/)
  for (const { headers } of [asJson, plain]) {
    assert.match(headers.etag ?? '', /^".+"$/)
    for (const accept of [json, {}]) {
      const again = await stage.ask({ path, headers: { ...accept, 'if-none-match': headers.etag ?? '' } })
      assert.deepEqual([again.status, again.body.length], [304, 0])
    }
  }
  const head = await stage.ask({ method: 'HEAD', path, headers: json })
  assert.deepEqual([head.status, head.body.length], [200, 0])
  const absent = await stage.ask({ path: path.replace(/0c/, '1d'), headers: json })
  assert.equal(absent.status, 404)
})

test('what Nix needs to know of a cache is JSON for those who accept it', async () => {
  const { text } = await stage.ask({ path: '/api/v1/cache/mine/nix-cache-info', headers: json })
  assert.deepEqual(JSON.parse(text), { storeDir: '/nix/store', wantMassQuery: 1, priority: 41 })
  const elsewhere = await stage.ask({ path: '/mine/nix-cache-info', headers: json })
  assert.match(elsewhere.text, /^StoreDir: /)
})

test('the address of a NAR is told as a JSON string', async () => {
  const narinfo = (await stage.ask({ path: `/mine/${file}` })).text
  const name = /URL: nar\/(.*)/.exec(narinfo)![1]!
  const { text } = await stage.ask({ path: `/api/v1/cache/mine/narurl/${name}` })
  assert.equal(JSON.parse(text), `http://mine.localhost:${stage.server.port}/nar/${name}`)
  const absent = `/api/v1/cache/mine/narurl/${'0'.repeat(52)}.nar.zst`
  assert.equal((await stage.ask({ path: absent })).status, 404)
})

test('a token is told whose it is', async () => {
  const { status, text } = await asOwner('/user')
  assert.equal(status, 200)
  const user = JSON.parse(text) as Record<string, unknown>
  assert.deepEqual(
    [user['username'], user['githubUsername'], user['fullname'], user['email']],
    ['owner', 'owner', null, null],
  )
})

test('a cache is deleted by its owner only, and its name is free then', async () => {
  await stage.create('gone')
  await stage.push('gone', samplePath, helloNar)
  assert.equal((await stage.ask({ path: `/gone/${file}` })).status, 200)
  assert.equal((await stage.ask({ method: 'DELETE', path: '/api/v1/cache/gone' })).status, 401)
  const { status, body } = await asOwner('/cache/gone', 'DELETE')
  assert.deepEqual([status, body.length], [200, 0])
  assert.equal((await stage.ask({ path: `/gone/${file}` })).status, 401)
  assert.equal((await asOwner('/cache/gone', 'DELETE')).status, 404)
  assert.equal((await stage.ask({ path: `/mine/${file}` })).status, 200)
  await stage.create('gone')
})

test('there is no login here, and nothing to install', async () => {
  for (const path of ['/login', '/install', '/install/1.11.1', '/github/orgs']) {
    const { status, text } = await asOwner(path)
    assert.equal(status, 404)
    assert.match(text, /no such operation/)
  }
})
