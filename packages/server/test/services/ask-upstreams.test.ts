import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { parseNarInfo } from '@cachix/protocol'
import type { Cache } from '../../src/database/cache-database.ts'
import { declareUpstream } from '../../src/services/declare-upstream.ts'
import { findMissing } from '../../src/services/find-missing.ts'
import { publishPaths } from '../../src/services/publish-paths.ts'
import { receiveBundle } from '../../src/services/receive-bundle.ts'
import { removeUpstream } from '../../src/services/remove-upstream.ts'
import { UpstreamAnswers } from '../../src/services/upstream-answers.ts'
import { FetchingUpstreamReader } from '../../src/upstreams/fetching-upstream-reader.ts'
import { LocalUpstream, narinfoOf, liarsKey, publicKeys, silence } from '../upstreams/local-upstream.ts'
import { textFile } from './sample-nar.ts'
import { bundleOf, cutPath, pathCreateOf } from './sample-push.ts'
import { ServiceStage } from './service-stage.ts'

const never = new AbortController().signal
const libc = cutPath(`${'1'.repeat(32)}-libc`, [], textFile('libc'))
const app = cutPath(`${'2'.repeat(32)}-app`, [`${'1'.repeat(32)}-libc`], textFile(`uses ${'1'.repeat(32)}`))
const absent = '3'.repeat(32)

let stage: ServiceStage
let upstream: LocalUpstream
let second: LocalUpstream
let answers: UpstreamAnswers
let cache: Cache
let caches = 0
before(async () => {
  stage = await ServiceStage.open()
})
after(() => stage.close())
beforeEach(async () => {
  upstream = await LocalUpstream.start()
  second = await LocalUpstream.start()
  answers = answersOf()
  cache = await cacheWith(upstream)
})
afterEach(async () => {
  await upstream[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

function answersOf({ patienceMs = 10_000, enoughMs = 60_000 } = {}): UpstreamAnswers {
  const origins = [upstream.url, second.url]
  const reader = { origins, patienceMs, restMs: 60_000, atOnce: 64, onRest: () => undefined }
  return new UpstreamAnswers(new FetchingUpstreamReader(reader), { enoughMs })
}

/** A cache that counts on no others than these. */
async function cacheWith(...upstreams: LocalUpstream[]): Promise<Cache> {
  const made = await stage.createManaged(`cache-${caches++}`)
  for (const { url } of await stage.database.upstreams.list(made.id)) await removeUpstream(stage, made, url)
  for (const { url } of upstreams) await declareUpstream(stage, made, { url, publicKeys })
  return made
}

interface Asking {
  readonly of?: Cache
  readonly signal?: AbortSignal
  readonly upstreams?: 'known' | 'missing'
}

/** What of libc and another path is missing. */
function missing({ of = cache, signal = never, ...rest }: Asking = {}) {
  const deps = { database: stage.database, upstreamAnswers: answers }
  return findMissing(deps, {
    cache: of,
    storeHashes: [libc.hash, absent],
    upstreams: 'asked',
    signal,
    ...rest,
  })
}

describe('what an upstream has and has signed', () => {
  test('is not missing, without anybody having told, and may be referred to', async () => {
    upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing({ upstreams: 'known' }), [libc.hash, absent])
    assert.deepEqual(upstream.asked, [])
    assert.deepEqual(await missing(), [absent])
    await receiveBundle(stage, { cache, body: Readable.from([await bundleOf(app)]), signal: never })
    const paths = [pathCreateOf(app)]
    const [published] = await publishPaths(stage, {
      cache,
      reader: { cacheId: cache.id },
      paths,
      signal: never,
    })
    assert.equal(published?.outcome, 'published')
    await assert.rejects(removeUpstream(stage, cache, upstream.url), { code: 'conflict' })
  })

  test('is remembered for good, and what it lacks for a while', async () => {
    upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing(), [absent])
    assert.equal(upstream.asked.length, 2)
    assert.deepEqual(await missing(), [absent])
    assert.equal(upstream.asked.length, 2)
    answers = answersOf()
    assert.deepEqual(await missing(), [absent])
    assert.deepEqual(upstream.askedPaths.slice(2), [`/${absent}.narinfo`])
  })

  test('is missing where everything is to be stored', async () => {
    upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing({ upstreams: 'missing' }), [libc.hash, absent])
    assert.deepEqual(upstream.asked, [])
    assert.deepEqual(await missing({ of: await cacheWith() }), [libc.hash, absent])
    assert.deepEqual(upstream.asked, [])
  })

  test('is found in whichever upstream has it', async () => {
    const both = await cacheWith(upstream, second)
    second.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing({ of: both }), [absent])
    assert.deepEqual([upstream.asked.length, second.asked.length], [2, 2])
  })
})

describe('nothing is left out for', () => {
  const bad = {
    'a signature by somebody else': () => narinfoOf(pathCreateOf(libc), liarsKey),
    'a signature of other contents': async () =>
      (await narinfoOf(pathCreateOf(libc))).replace(/NarSize: \d+/, 'NarSize: 7'),
    'another path': () => narinfoOf({ ...pathCreateOf(libc), storePath: `${absent}-libc` }),
    'a path of another store': async () =>
      (await narinfoOf(pathCreateOf(libc))).replace('/nix/store/', '/gnu/store/'),
    'no signature': async () => (await narinfoOf(pathCreateOf(libc))).replace(/Sig: .*\n/, ''),
    'no narinfo': async () => '<html>Welcome</html>',
    nothing: async () => '',
  }
  for (const [what, text] of Object.entries(bad)) {
    test(`${what}, and it is not asked for again`, async () => {
      assert.ok(parseNarInfo(await narinfoOf(pathCreateOf(libc))).signatures.length === 1)
      upstream.has(libc.hash, await text())
      assert.deepEqual(await missing(), [libc.hash, absent])
      assert.deepEqual(await missing(), [libc.hash, absent])
      assert.equal(upstream.asked.length, 2)
    })
  }

  test('a key that is not declared, until it is', async () => {
    await declareUpstream(stage, cache, { url: upstream.url, publicKeys: [`other-1:${'A'.repeat(43)}=`] })
    upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing(), [libc.hash, absent])
    await declareUpstream(stage, cache, { url: upstream.url, publicKeys })
    assert.deepEqual(await missing(), [absent])
  })

  test('an upstream that is silent, which hinders no other', async () => {
    answers = answersOf({ patienceMs: 300 })
    const both = await cacheWith(upstream, second)
    upstream.on(libc.hash, silence)
    upstream.on(absent, silence)
    second.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing({ of: both }), [absent])
    const asked = upstream.asked.length
    assert.deepEqual(await missing({ of: both }), [absent])
    assert.equal(upstream.asked.length, asked)
  })
})

test('what is found in time counts, the rest is missing', async () => {
  answers = answersOf({ enoughMs: 1500 })
  const closed = Promise.withResolvers<void>()
  upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
  upstream.on(absent, (response) => response.on('close', closed.resolve))
  assert.deepEqual(await missing(), [absent])
  await closed.promise
})

describe('a question', () => {
  test('is asked once by all who want to know at the same time', async () => {
    upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    const results = await Promise.all(Array.from({ length: 10 }, () => missing()))
    for (const result of results) assert.deepEqual(result, [absent])
    assert.equal(upstream.asked.length, 2)
  })

  test('is asked for each cache by itself: how long it takes tells nothing of others', async () => {
    assert.deepEqual(await missing(), [libc.hash, absent])
    assert.deepEqual(await missing({ of: await cacheWith(upstream) }), [libc.hash, absent])
    assert.equal(upstream.asked.length, 4)
  })

  test('goes on when one who asked goes, and ends when all are gone', async () => {
    const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    upstream.on(libc.hash, (response) => {
      response.on('close', closed.resolve)
      asked.resolve()
    })
    const [first, last] = [new AbortController(), new AbortController()]
    const answers = [missing({ signal: first.signal }), missing({ signal: last.signal })]
    await asked.promise
    first.abort()
    assert.deepEqual(await answers[0], [libc.hash, absent])
    assert.equal(upstream.askedPaths.filter((path) => path.includes(libc.hash)).length, 1)
    last.abort()
    assert.deepEqual(await answers[1], [libc.hash, absent])
    await closed.promise
    upstream.has(libc.hash, await narinfoOf(pathCreateOf(libc)))
    assert.deepEqual(await missing(), [absent], 'what was given up is asked anew')
  })
})
