import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { rawConnection, type RawConnection } from '../runtime/raw-connection.ts'
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

test('an address with too many requests in flight is answered 503, until one of them is done', async () => {
  const stage = await HttpStage.open({
    CACHIX_SERVE_CONNECTIONS_PER_ADDRESS: '2',
    CACHIX_SERVE_TRUSTED_PROXY: '127.0.0.1',
  })
  try {
    await stage.create('mine')
    const uploads = await Promise.all([1, 2].map(() => beginUpload(stage, '203.0.113.7')))
    const refused = await stage.ask({ ...call, ...from('203.0.113.7') })
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1'])
    assert.match(refused.text, /^Too many requests at the same time from here/)
    assert.equal((await stage.ask({ ...call, ...from('203.0.113.8') })).status, 200)
    assert.equal((await stage.ask(call)).status, 200)
    uploads[0]?.send('x'.repeat(10))
    await uploads[0]?.until('HTTP/1.1 4')
    assert.equal((await stage.ask({ ...call, ...from('203.0.113.7') })).status, 200)
    for (const { socket } of uploads) socket.destroy()
  } finally {
    await stage.close()
  }
})

/** Taken by the service, which waits for its ten bytes. */
async function beginUpload(stage: HttpStage, address: string): Promise<RawConnection> {
  const connection = await rawConnection(stage.server.port)
  const lines = [
    'POST /api/v1/cache/mine/nar?compression=zst HTTP/1.1',
    'Host: localhost',
    `X-Forwarded-For: ${address}`,
    `Authorization: Bearer ${stage.token}`,
    'Content-Length: 10',
    'Expect: 100-continue',
  ]
  connection.send(`${lines.join('\r\n')}\r\n\r\n`)
  await connection.until('100 Continue')
  return connection
}
