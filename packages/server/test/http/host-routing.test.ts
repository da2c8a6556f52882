import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serviceAddress } from '../../src/http/service-address.ts'
import { parseSubstituterRequest, targetOf } from '../../src/http/substituter-request.ts'
import { helloNar, HttpStage, samplePath } from './http-stage.ts'

const address = serviceAddress('http://cache.example:8080')
const narinfo = `${samplePath.hash}.narinfo`

function cacheAskedFor(url: string): string | undefined {
  const target = targetOf(url)
  return target && parseSubstituterRequest(target, address)?.cacheName
}

const cases: readonly [url: string, cache: string | undefined][] = [
  [`http://mine.cache.example:8080/${narinfo}`, 'mine'],
  [`http://mine.cache.example/${narinfo}`, 'mine'],
  [`http://mine.cache.example.:8080/${narinfo}`, 'mine'],
  [`http://mine.cache.example:8080/${narinfo}?x=/y`, 'mine'],
  [`http://cache.example:8080/mine/${narinfo}`, 'mine'],
  [`http://127.0.0.1:8080/mine/${narinfo}`, 'mine'],
  [`http://[::1]:8080/mine/${narinfo}`, 'mine'],
  [`http://other.example/mine/${narinfo}`, 'mine'],
  [`http://api.cache.example:8080/api/v1/cache/mine/${narinfo}`, 'mine'],
  [`http://yours.cache.example:8080/api/v1/cache/mine/${narinfo}`, 'mine'],
  // On the host of a cache the path is that cache's alone.
  [`http://yours.cache.example:8080/mine/${narinfo}`, undefined],
  [`http://yours.cache.example:8080//mine/${narinfo}`, undefined],
  // A name below a name is the name of no cache.
  [`http://a.b.cache.example:8080/${narinfo}`, undefined],
  [`http://cache.example:8080/${narinfo}`, undefined],
  [`http://evilcache.example:8080/${narinfo}`, undefined],
  [`http://cache.example.evil:8080/${narinfo}`, undefined],
  [`http://-mine.cache.example:8080/${narinfo}`, undefined],
  // Reserved names.
  [`http://www.cache.example:8080/${narinfo}`, undefined],
  [`http://cache.example:8080/api/${narinfo}`, undefined],
  // What Nix never sends.
  [`http://cache.example:8080/mine/${narinfo}/`, undefined],
  [`http://cache.example:8080/mine/x/${narinfo}`, undefined],
  [`http://cache.example:8080/MINE/${narinfo}`, undefined],
  [`http://cache.example:8080/mine/${narinfo.replace('0', 'e')}`, undefined],
  [`http://cache.example:8080/mine/${narinfo.toUpperCase()}`, undefined],
  [`http://cache.example:8080/mine%2f${narinfo}`, undefined],
  ['http://cache.example:8080', undefined],
  [`/mine/${narinfo}`, undefined],
  ['', undefined],
]

for (const [url, cache] of cases)
  test(`${url || 'nothing'} asks for ${cache ?? 'no cache'}`, () => assert.equal(cacheAskedFor(url), cache))

test('a cache has an address of its own where names can be below the host', () => {
  assert.equal(address.cacheUri('mine'), 'http://mine.cache.example:8080')
  assert.equal(serviceAddress('https://cache.example').cacheUri('mine'), 'https://mine.cache.example')
})

test('a cache is a path where the host is an IP address', () => {
  assert.equal(serviceAddress('http://10.0.0.1:8080').cacheUri('mine'), 'http://10.0.0.1:8080/mine')
  assert.equal(serviceAddress('http://[::1]:8080').cacheUri('mine'), 'http://[::1]:8080/mine')
  assert.doesNotMatch(serviceAddress('http://[::1]:8080').hostname, /[:[\]]/)
})

describe('a running server', () => {
  let stage: HttpStage
  before(async () => {
    stage = await HttpStage.open()
    await stage.create('mine')
    await stage.create('yours')
    await stage.push('mine', samplePath, helloNar)
  })
  after(() => stage.close())

  test('has a cache at its name below the host, below the path and below the API', async () => {
    const answers = await Promise.all([
      stage.ask({ path: `/${narinfo}`, host: `mine.localhost:${stage.server.port}` }),
      stage.ask({ path: `/${narinfo}`, host: 'MINE.LocalHost' }),
      stage.ask({ path: `/mine/${narinfo}` }),
      stage.ask({ path: `/mine/${narinfo}`, host: '127.0.0.1' }),
      stage.ask({ path: `/api/v1/cache/mine/${narinfo}`, host: 'yours.localhost' }),
    ])
    for (const answer of answers) {
      assert.equal(answer.status, 200)
      assert.equal(answer.text, answers[0]?.text)
    }
  })

  test('says at both addresses of a cache how to use it, and nothing of what is none', async () => {
    const welcomes = await Promise.all([
      stage.ask({ path: '/', host: `mine.localhost:${stage.server.port}` }),
      stage.ask({ path: '/mine' }),
      stage.ask({ path: '/mine/' }),
    ])
    for (const { status, text } of welcomes) {
      assert.equal(status, 200)
      assert.match(text, /address of a Nix binary cache[\s\S]*cachix use mine\n$/)
    }
    assert.equal((await stage.ask({ path: '/none' })).status, 401)
    assert.equal((await stage.ask({ path: '/mine', method: 'POST' })).status, 405)
    for (const path of ['/Mine', '/mine/x', '/robots.txt']) {
      assert.equal((await stage.ask({ path })).status, 404, path)
    }
    assert.equal((await stage.ask({ path: '/mine', host: 'yours.localhost' })).status, 404)
  })

  test('does not serve one cache on the host of another', async () => {
    const hosts = ['yours.localhost', 'yours.localhost:1', 'mine.yours.localhost']
    for (const host of hosts) {
      assert.equal((await stage.ask({ path: `/${narinfo}`, host })).status, 404)
    }
    assert.equal((await stage.ask({ path: `/mine/${narinfo}`, host: 'yours.localhost' })).status, 404)
  })

  test('survives a host that makes no sense', async () => {
    for (const host of ['a b', 'a/b', '[', 'x:y:z']) {
      const { status } = await stage.ask({ path: `/mine/${narinfo}`, host })
      assert.ok(status < 500, `${host}: ${status}`)
    }
  })
})
