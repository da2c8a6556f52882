import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { absentHash, HttpStage } from './http-stage.ts'

/** One request in twenty seconds. */
const strict = { CACHIX_SERVE_READS_PER_SECOND: '0.05', CACHIX_SERVE_CALLS_PER_SECOND: '0.05' }
const narinfo = { path: `/mine/${absentHash}.narinfo` }
const call = { path: '/api/v1/cache/mine' }

function from(address: string): { headers: Record<string, string> } {
  return { headers: { 'x-forwarded-for': address } }
}

describe('behind a trusted proxy', () => {
  let stage: HttpStage
  before(async () => {
    stage = await HttpStage.open({ ...strict, CACHIX_SERVE_TRUSTED_PROXY: '127.0.0.1' })
    await stage.create('mine')
  })
  after(() => stage.close())

  test('an address that asks a cache too often is answered 503, which Nix retries soon', async () => {
    assert.equal((await stage.ask({ ...narinfo, ...from('203.0.113.1') })).status, 404)
    const { status, headers, text } = await stage.ask({ ...narinfo, ...from('203.0.113.1') })
    assert.equal(status, 503)
    assert.match(headers['retry-after'] ?? '', /^(?:1\d|20)$/)
    assert.match(text, /^Too many requests from here: go on in \d+ seconds\.\n$/)
  })

  test('an address that calls the API too often is answered 429, which API clients understand', async () => {
    assert.equal((await stage.ask({ ...call, ...from('203.0.113.2') })).status, 200)
    const { status, headers } = await stage.ask({ ...call, ...from('203.0.113.2') })
    assert.equal(status, 429)
    assert.match(headers['retry-after'] ?? '', /^(?:1\d|20)$/)
  })

  test('another address, or the same in the other place, is not held up', async () => {
    await stage.ask({ ...narinfo, ...from('203.0.113.3') })
    await stage.ask({ ...narinfo, ...from('203.0.113.3') })
    assert.equal((await stage.ask({ ...narinfo, ...from('203.0.113.4') })).status, 404)
    assert.equal((await stage.ask({ ...call, ...from('203.0.113.3') })).status, 200)
  })

  test('a token is counted wherever it is used, before anybody asks whether there is such a token', async () => {
    for (const [address, status] of [
      ['203.0.113.5', 200],
      ['203.0.113.6', 429],
    ] as const) {
      const headers = { 'x-forwarded-for': address, authorization: 'Bearer guess' }
      assert.equal((await stage.ask({ ...call, headers })).status, status)
    }
  })

  test('this machine is not held up', async () => {
    for (let count = 0; count < 5; count++) assert.equal((await stage.ask(narinfo)).status, 404)
  })
})

test('nobody else is believed for whom they ask', async () => {
  const stage = await HttpStage.open(strict)
  try {
    for (let count = 0; count < 5; count++) {
      assert.notEqual((await stage.ask({ ...narinfo, ...from('203.0.113.1') })).status, 503)
    }
  } finally {
    await stage.close()
  }
})

test('without limits nobody is held up', async () => {
  const stage = await HttpStage.open({
    CACHIX_SERVE_READS_PER_SECOND: '0',
    CACHIX_SERVE_CALLS_PER_SECOND: '0',
    CACHIX_SERVE_TRUSTED_PROXY: '127.0.0.1',
  })
  try {
    for (let count = 0; count < 5; count++) {
      assert.notEqual((await stage.ask({ ...narinfo, ...from('203.0.113.1') })).status, 503)
      assert.notEqual((await stage.ask({ ...call, ...from('203.0.113.1') })).status, 429)
    }
  } finally {
    await stage.close()
  }
})
