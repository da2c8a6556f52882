import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { FetchingUpstreamReader } from '../../src/upstreams/fetching-upstream-reader.ts'
import type { FetchingOptions } from '../../src/upstreams/fetching-upstream-reader.ts'
import { LocalUpstream, silence } from './local-upstream.ts'

/** Milliseconds: plenty; and little, where nobody answers before it is over. */
const patienceMs = 10_000
const littlePatience = { patienceMs: 300 }
const storeHash = '1'.repeat(32)
const otherHash = '2'.repeat(32)
const never = new AbortController().signal

let upstream: LocalUpstream
let elsewhere: LocalUpstream
let rests: string[]
let reasons: unknown[]
beforeEach(async () => {
  upstream = await LocalUpstream.start()
  elsewhere = await LocalUpstream.start()
  rests = []
  reasons = []
})
afterEach(async () => {
  await upstream[Symbol.asyncDispose]()
  await elsewhere[Symbol.asyncDispose]()
})

function noteRest(url: string, reason: unknown): void {
  rests.push(url)
  reasons.push(reason)
}

function readerOf(options: Partial<FetchingOptions> = {}): FetchingUpstreamReader {
  const origins = [upstream.url]
  return new FetchingUpstreamReader({
    origins,
    patienceMs,
    restMs: 60_000,
    atOnce: 8,
    onRest: noteRest,
    ...options,
  })
}

function read(reader = readerOf(), signal = never) {
  return reader.readNarinfo({ url: upstream.url, storeHash }, signal)
}

describe('an upstream is asked for a narinfo', () => {
  test('as anybody, and its text is told', async () => {
    upstream.has(storeHash, 'StorePath: x\n')
    assert.deepEqual(await read(), { outcome: 'found', text: 'StorePath: x\n' })
    const [{ path, headers }] = upstream.asked as [(typeof upstream.asked)[0]]
    assert.equal(path, `/${storeHash}.narinfo`)
    assert.deepEqual(
      [headers.authorization, headers.cookie, headers.referer],
      [undefined, undefined, undefined],
    )
  })

  test('below the path of its address', async () => {
    upstream.answers.set(`/a/b/${storeHash}.narinfo`, (response) => response.end('text'))
    const url = `${upstream.url}/a/b`
    assert.equal((await readerOf().readNarinfo({ url, storeHash }, never)).outcome, 'found')
  })

  test('that is compressed for the way', async () => {
    upstream.on(storeHash, (response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('text')),
    )
    assert.deepEqual(await read(), { outcome: 'found', text: 'text' })
  })

  for (const status of [204, 304, 400, 401, 403, 404, 410]) {
    test(`and has none if it answers ${status}`, async () => {
      upstream.on(storeHash, (response) => response.writeHead(status).end())
      assert.deepEqual(await read(), { outcome: 'absent' })
      assert.deepEqual(rests, [])
    })
  }

  test('by so many at once and no more', async () => {
    const open = new Set<ServerResponse>()
    let most = 0
    for (let i = 0; i < 20; i++) {
      upstream.on(hashOf(i), (response) => {
        open.add(response)
        most = Math.max(most, open.size)
        setImmediate(() => {
          open.delete(response)
          response.end('text')
        })
      })
    }
    const reader = readerOf({ atOnce: 4 })
    const questions = Array.from({ length: 20 }, (_, i) => ({ url: upstream.url, storeHash: hashOf(i) }))
    const answers = await Promise.all(questions.map((question) => reader.readNarinfo(question, never)))
    assert.ok(answers.every(({ outcome }) => outcome === 'found'))
    assert.ok(most <= 4, `${most} at once`)
  })
})

describe('no more than named origins are asked', () => {
  test('whoever else is declared', async () => {
    const reader = readerOf({ origins: [elsewhere.url] })
    assert.equal(reader.mayAsk(upstream.url), false)
    assert.equal(reader.mayAsk(`${elsewhere.url}/path`), true)
    assert.deepEqual(await read(reader), { outcome: 'unknown' })
    const [, port] = upstream.url.split(/:(?=\d+$)/)
    for (const url of [`http://localhost:${port}`, `https://127.0.0.1:${port}`, 'http://127.0.0.1'])
      assert.equal(readerOf().mayAsk(url), false, url)
    assert.deepEqual(upstream.asked, [])
  })

  test('nor where they redirect to', async () => {
    upstream.on(storeHash, (response) =>
      response.writeHead(302, { location: `${elsewhere.url}/${storeHash}.narinfo` }).end(),
    )
    elsewhere.has(storeHash, 'secret')
    assert.deepEqual(await read(), { outcome: 'absent' })
    assert.deepEqual(elsewhere.asked, [])
    const both = readerOf({ origins: [upstream.url, elsewhere.url] })
    assert.deepEqual(await read(both), { outcome: 'found', text: 'secret' })
  })

  test('and redirects come to an end', async () => {
    upstream.on(storeHash, (response, { url }) => response.writeHead(302, { location: url! }).end())
    assert.deepEqual(await read(), { outcome: 'absent' })
    assert.equal(upstream.asked.length, 4)
  })
})

describe('an upstream that does harm', () => {
  test('by silence costs its patience once, and then nothing', async () => {
    upstream.on(storeHash, silence)
    const reader = readerOf(littlePatience)
    assert.deepEqual(await read(reader), { outcome: 'unknown' })
    assert.deepEqual(await read(reader), { outcome: 'unknown' })
    assert.deepEqual([upstream.asked.length, rests], [1, [upstream.url]])
    assert.match(String(reasons), /1\.narinfo: no answer within 300 ms/)
  })

  test('by sending a byte now and then costs no more', async () => {
    upstream.on(storeHash, (response) => {
      const drip = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drip))
    })
    assert.deepEqual(await read(readerOf(littlePatience)), { outcome: 'unknown' })
    assert.deepEqual(rests, [upstream.url])
  })

  test('by a body without end is cut short', async () => {
    const closed = Promise.withResolvers<void>()
    upstream.on(storeHash, (response) => {
      response.on('close', closed.resolve)
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
        if (!response.destroyed) response.once('drain', pour)
      }
      pour()
    })
    assert.deepEqual(await read(), { outcome: 'absent' })
    await closed.promise
  })

  test('by not being there is not asked again for a while, and then it is', async () => {
    const { port, url } = upstream
    await upstream[Symbol.asyncDispose]()
    const question = { url, storeHash }
    const reader = readerOf({ origins: [url], restMs: 200 })
    assert.deepEqual(await reader.readNarinfo(question, never), {
      outcome: 'unknown',
    })
    upstream = await LocalUpstream.start(port)
    upstream.has(storeHash, 'text')
    let answer = await reader.readNarinfo(question, never)
    while (answer.outcome === 'unknown') {
      assert.deepEqual(upstream.asked, [])
      await new Promise((resolve) => setImmediate(resolve))
      answer = await reader.readNarinfo(question, never)
    }
    assert.deepEqual([answer.outcome, rests], ['found', [url]])
  })

  for (const status of [408, 429, 500, 503]) {
    test(`by answering ${status} is left alone for a while`, async () => {
      upstream.on(storeHash, (response) => response.writeHead(status).end())
      const reader = readerOf()
      assert.deepEqual(await read(reader), { outcome: 'unknown' })
      assert.deepEqual(await read(reader), { outcome: 'unknown' })
      assert.deepEqual([upstream.asked.length, rests], [1, [upstream.url]])
    })
  }
})

test('an address that fails is no reason to leave others of its host alone', async () => {
  upstream.answers.set(`/broken/${storeHash}.narinfo`, (response) => response.writeHead(500).end())
  upstream.has(storeHash, 'text')
  const reader = readerOf()
  const url = `${upstream.url}/broken`
  assert.deepEqual(await reader.readNarinfo({ url, storeHash }, never), { outcome: 'unknown' })
  assert.deepEqual(rests, [url])
  assert.deepEqual(await read(reader), { outcome: 'found', text: 'text' })
})

test('one question without an answer, among others that have one, is no reason to stop asking', async () => {
  upstream.on(storeHash, silence)
  const reader = readerOf({ patienceMs: 2000 })
  const other = { url: upstream.url, storeHash: otherHash }
  const [lost, found] = await Promise.all([read(reader), reader.readNarinfo(other, never)])
  assert.deepEqual([lost.outcome, found.outcome, rests], ['unknown', 'absent', []])
  assert.equal((await reader.readNarinfo(other, never)).outcome, 'absent')
})

test('a connection that was closed is no reason either', async () => {
  upstream.on(storeHash, (response, request) => {
    if (upstream.asked.length === 1) request.socket.destroy()
    else response.end('text')
  })
  assert.deepEqual(await read(), { outcome: 'found', text: 'text' })
})

test('a question that is given up closes the connection', async () => {
  const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  upstream.on(storeHash, (response) => {
    response.on('close', closed.resolve)
    asked.resolve()
  })
  const leave = new AbortController()
  const answer = read(readerOf(), leave.signal)
  await asked.promise
  leave.abort()
  assert.deepEqual([await answer, rests], [{ outcome: 'unknown' }, []])
  await closed.promise
})

function hashOf(number: number): string {
  return createHash('sha256').update(String(number)).digest('hex').slice(0, 32).replaceAll('e', 'z')
}
