import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import { LocalUpstream, narinfoOf, publicKeys, silence } from '../upstreams/local-upstream.ts'
import { absentHash, HttpStage } from './http-stage.ts'

const libc = {
  storePath: `${absentHash}-libc`,
  narHash: `sha256:${'0'.repeat(52)}`,
  narSize: 120,
  references: [],
}

let stage: HttpStage
let upstream: LocalUpstream
/** Declared by whoever administrates a cache; the operator has not named it. */
let internal: LocalUpstream
before(async () => {
  upstream = await LocalUpstream.start()
  internal = await LocalUpstream.start()
  for (const each of [upstream, internal]) each.has(absentHash, await narinfoOf(libc))
  stage = await HttpStage.open({ CACHIX_SERVE_ASK_UPSTREAMS: upstream.url })
  for (const [name, { url }] of [
    ['mine', upstream],
    ['sly', internal],
    ['slow', upstream],
  ] as const) {
    await stage.create(name)
    assert.equal((await stage.post(`/cache/${name}/upstreams`, { url, publicKeys })).status, 200)
  }
})
after(async () => {
  await stage.close()
  await upstream[Symbol.asyncDispose]()
  await internal[Symbol.asyncDispose]()
})
afterEach(() => {
  upstream.asked.length = 0
})

async function missing(cache: string, token: string, query = ''): Promise<unknown> {
  const { status, text } = await stage.ask({
    method: 'POST',
    path: `/api/v1/cache/${cache}/narinfo${query}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify([absentHash]),
  })
  return status === 200 ? JSON.parse(text) : status
}

async function tokenFor(cache: string, permission: string): Promise<string> {
  const { text } = await stage.post('/token', { cache, permission })
  return (JSON.parse(text) as { token: string }).token
}

test('no upstream is asked for those who may not push to the cache', async () => {
  await stage.addStranger('stranger')
  for (const token of [
    '',
    'unknown',
    'stranger',
    await tokenFor('mine', 'Read'),
    await tokenFor('sly', 'Admin'),
  ])
    assert.deepEqual(await missing('mine', token), [absentHash])
  assert.deepEqual(upstream.asked, [])
})

test('no upstream is asked for those who want everything stored', async () => {
  assert.deepEqual(await missing('mine', stage.token, '?upstreams=ignored'), [absentHash])
  assert.deepEqual(upstream.asked, [])
})

test('an upstream that the operator has not named gets no request, whoever declares it', async () => {
  assert.deepEqual(await missing('sly', stage.token), [absentHash])
  assert.deepEqual([internal.asked, upstream.asked], [[], []])
})

test('an upstream is asked for those who may push, and all are told what came of it', async () => {
  const token = await tokenFor('mine', 'Write')
  assert.deepEqual(await missing('mine', token), [])
  assert.deepEqual(upstream.askedPaths, [`/${absentHash}.narinfo`])
  assert.ok(!JSON.stringify(upstream.asked).includes(token), 'the token stays here')
  assert.deepEqual(await missing('mine', ''), [])
  assert.deepEqual(await missing('mine', token, '?upstreams=ignored'), [absentHash])
  assert.equal(upstream.asked.length, 1)
})

test('the upstream is left alone when the client has gone', async () => {
  const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  upstream.on(absentHash, (response, request) => {
    response.on('close', closed.resolve)
    asked.resolve()
    silence(response, request)
  })
  const { port } = stage.server
  const headers = {
    host: `localhost:${port}`,
    authorization: `Bearer ${stage.token}`,
    'content-type': 'application/json',
  }
  const path = '/api/v1/cache/slow/narinfo'
  const question = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent: false })
  question.on('error', () => undefined)
  question.end(JSON.stringify([absentHash]))
  await asked.promise
  question.destroy()
  await closed.promise
  assert.ok(!stage.log.includes('does not answer'), stage.log)
})
