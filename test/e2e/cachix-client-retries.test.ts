import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CurrentClient } from '../cachix-client/current-client.ts'
import { dumpedFromMade, type DumpedPath } from '../cachix-client/dumped-path.ts'
import { Patience } from '../cachix-client/patience.ts'
import { Wire } from '../cachix-client/wire.ts'
import { ApiClient } from '../harness/api-client.ts'
import { CachixServer } from '../harness/cachix-server.ts'
import { makePath } from '../harness/made-path.ts'
import { MeddlingProxy, type Exchange, type Meddling } from '../harness/meddling-proxy.ts'
import { runtime } from '../harness/runtime.ts'

const cache = 'mine'
const chunkSize = 40_000

/** By what is asked, in the order of a push. */
const steps = {
  'what the cache is': /^\/api\/v1\/cache\/mine$/,
  'what is missing': /\/narinfo$/,
  'the beginning of an upload': /\/multipart-nar\?/,
  'where to send a part': /&partNumber=2$/,
  'a part': /\/parts\/.*\/2\?/,
  'the completion': /\/complete\?/,
} as const

type Hit = (exchange: Exchange) => boolean

function cut(): never {
  throw new Error('cut')
}

/** What befalls a request that is hit. */
const mishaps: Readonly<Record<string, (isHit: Hit) => Meddling>> = {
  'is cut off before it arrives': (isHit) => ({
    request: (exchange) => (isHit(exchange) ? cut() : undefined),
  }),
  'is done, and its answer is lost': (isHit) => ({
    answer: (exchange) => (isHit(exchange) ? cut() : undefined),
  }),
  'is done, and somebody on the way says 502': (isHit) => ({
    answer: (exchange) => (isHit(exchange) ? { status: 502 } : undefined),
  }),
  'is answered 503 and when to come again, in seconds': (isHit) => ({
    request: (exchange) => (isHit(exchange) ? { status: 503, headers: { 'retry-after': '7' } } : undefined),
  }),
  'is answered 429 and when to come again, as a date': (isHit) => ({
    request: (exchange) =>
      isHit(exchange)
        ? { status: 429, headers: { 'retry-after': new Date(Date.now() + 9000).toUTCString() } }
        : undefined,
  }),
}

function partsOf({ dataDirectory }: CachixServer): string[] {
  return readdirSync(join(dataDirectory, 'parts'))
}

describe(`what the genuine Cachix client sends again, ${runtime}`, () => {
  let server: CachixServer
  before(async () => {
    server = await CachixServer.start()
    await new ApiClient(server).createCache(cache)
  })
  after(() => server[Symbol.asyncDispose]())

  let count = 0
  function freshPath(): DumpedPath {
    count++
    return dumpedFromMade(makePath(`path-${count}`, { type: 'regular', contents: randomBytes(100_000) }))
  }

  /** As `push` does, from the first request on. */
  async function push(port: number, path: DumpedPath, patience: Patience): Promise<void> {
    using wire = new Wire(port, { version: '1.11.1', token: server.ownerToken, patience })
    const client = new CurrentClient(wire, { cache, chunkSize, patience })
    await client.getCache()
    await client.push([path])
  }

  async function assertServed({ storeHash, narInfoCreate }: DumpedPath): Promise<void> {
    const narinfo = await fetch(`${server.pathUrl(cache)}/${storeHash}.narinfo`)
    assert.equal(narinfo.status, 200)
    const text = await narinfo.text()
    assert.ok(text.includes(`NarHash: ${String(narInfoCreate['cNarHash'])}\n`))
    const nar = await fetch(`${server.pathUrl(cache)}/${/^URL: (.*)$/m.exec(text)![1]}`)
    assert.equal((await nar.bytes()).length, Number(/^FileSize: (\d+)$/m.exec(text)![1]))
  }

  for (const [mishap, meddle] of Object.entries(mishaps))
    for (const [step, pattern] of Object.entries(steps))
      it(`${step}: when it ${mishap}, twice`, async () => {
        const path = freshPath()
        let left = 2
        const isHit: Hit = (exchange) => pattern.test(exchange.path) && left-- > 0
        await using proxy = await MeddlingProxy.start(server.port, meddle(isHit))
        const patience = Patience.inVirtualTime()
        await push(proxy.port, path, patience)
        assert.equal(patience.waits.length, 2)
        await assertServed(path)
      })

  it('a part, when the connection is cut half way through it, twice', async () => {
    const path = freshPath()
    let left = 2
    await using proxy = await MeddlingProxy.start(server.port, {
      upload: (exchange) => {
        if (steps['a part'].test(exchange.path) && left-- > 0) cut()
      },
    })
    const patience = Patience.inVirtualTime()
    await push(proxy.port, path, patience)
    assert.equal(patience.waits.length, 2)
    await assertServed(path)
  })

  it('waits as long as the service says when it asks too often, and comes through', async () => {
    await using strict = await CachixServer.start({ environment: { CACHIX_SERVE_CALLS_PER_SECOND: '2' } })
    await new ApiClient(strict).createCache(cache)
    const patience = new Patience()
    using wire = new Wire(strict.port, { version: '1.11.1', token: strict.ownerToken, patience })
    const client = new CurrentClient(wire, { cache, chunkSize: 2300 })
    await client.push([freshPath()])
    assert.ok(patience.waits.length > 0)
  })

  describe('the whole path, from the beginning', () => {
    it('when the service has given the upload up meanwhile', async () => {
      const path = freshPath()
      using wire = new Wire(server.port, { version: '1.11.1', token: server.ownerToken })
      const patience = Patience.inVirtualTime()
      const client = new CurrentClient(wire, { cache, chunkSize, patience })
      const sign = client.sign.bind(client)
      let isFirst = true
      client.sign = async (upload, part) => {
        const url = await sign(upload, part)
        if (isFirst) await client.abort(upload)
        isFirst = false
        return url
      }
      await client.sendPatiently(path)
      assert.deepEqual(patience.waits, [5000])
      await assertServed(path)
    })

    it('four times in all, when it is not told where to send a part; it cleans up after itself then', async () => {
      const left = partsOf(server)
      await using proxy = await MeddlingProxy.start(server.port, {
        request: ({ path }) => (path.includes('partNumber=') ? { status: 400 } : undefined),
      })
      using wire = new Wire(proxy.port, { version: '1.11.1', token: server.ownerToken })
      const patience = Patience.inVirtualTime()
      // One part only: of several, another on its way would hear that the upload is gone, now before and now after this.
      const client = new CurrentClient(wire, { cache, chunkSize: 1024 ** 2, patience })
      await assert.rejects(client.sendPatiently(freshPath()), /partNumber=1: 400/)
      assert.deepEqual(patience.waits, [5000, 5000, 5000])
      const aborts = proxy.exchanges.filter(({ path }) => path.includes('/abort?'))
      assert.deepEqual(
        aborts.map(({ status }) => status),
        [200, 200, 200, 200],
      )
      assert.deepEqual(partsOf(server), left)
    })

    it('four times in all, when it is not what it is said to be; nothing is left of them', async () => {
      const before = partsOf(server)
      const path = freshPath()
      const narInfoCreate = { ...path.narInfoCreate, cNarHash: freshPath().narInfoCreate['cNarHash'] }
      using wire = new Wire(server.port, { version: '1.11.1', token: server.ownerToken })
      const patience = Patience.inVirtualTime()
      const client = new CurrentClient(wire, { cache, chunkSize, patience })
      await assert.rejects(client.sendPatiently({ ...path, narInfoCreate }), /422 .*NAR hash claimed/)
      assert.deepEqual(patience.waits, [5000, 5000, 5000])
      assert.deepEqual(partsOf(server), before)
    })
  })
})
