import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { fetchPublic } from '../../../src/services/oidc/fetch-public.ts'
import { isPublicAddress } from '../../../src/services/oidc/public-address.ts'

describe('a public address', () => {
  for (const address of ['140.82.121.4', '1.1.1.1', '2606:50c0:8000::153', '2a00:1450:4001:80e::200a']) {
    test(`is ${address}`, () => assert.ok(isPublicAddress(address)))
  }
  for (const address of [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:140.82.121.4',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'ff02::1',
    '',
    'localhost',
  ]) {
    test(`is not ${address || 'nothing'}`, () => assert.ok(!isPublicAddress(address)))
  }
})

const anywhere = () => true
const { signal } = new AbortController()

describe('a server that somebody else chose', () => {
  let asked: string[]
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    if (url === '/moved') response.writeHead(302, { location: '/' }).end()
    else if (url === '/endless') response.write('it begins')
    else response.end('here')
  })
  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const urlOf = (path: string, host = 'localhost') =>
    new URL(`http://${host}:${(server.address() as AddressInfo).port}${path}`)

  test('is asked where it may be, once for each question, and not followed', async () => {
    asked = []
    assert.equal(await (await fetchPublic(urlOf('/'), signal, anywhere)).text(), 'here')
    const moved = await fetchPublic(urlOf('/moved'), signal, anywhere)
    assert.equal(moved.status, 302)
    await moved.body?.cancel()
    assert.deepEqual(asked, ['/', '/moved'])
  })

  test('is not asked where it may not be, by name or by number, also after it was', async () => {
    await (await fetchPublic(urlOf('/'), signal, anywhere)).text()
    asked = []
    for (const host of ['localhost', '127.0.0.1', '127.1', '2130706433', '0x7f.1']) {
      await assert.rejects(fetchPublic(urlOf('/', host), signal), /is not on the public Internet/)
    }
    assert.deepEqual(asked, [])
  })

  test('is given up in the middle of its answer', async () => {
    const patience = new AbortController()
    const response = await fetchPublic(urlOf('/endless'), patience.signal, anywhere)
    setImmediate(() => patience.abort())
    await assert.rejects(response.text())
  })

  test('that one of several addresses would not do is not asked at all', async () => {
    asked = []
    let calls = 0
    await assert.rejects(
      fetchPublic(urlOf('/'), signal, () => ++calls > 1),
      /is not on the public Internet/,
    )
    assert.deepEqual(asked, [])
  })
})
