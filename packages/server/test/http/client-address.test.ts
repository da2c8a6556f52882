import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientAddresses, parseNetwork } from '../../src/http/client-address.ts'

const none = clientAddresses([])
const proxied = clientAddresses(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])

const cases: readonly [behaviour: string, counted: string | undefined, expected: string | undefined][] = [
  ['an IPv4 address as it is', none.of('203.0.113.5', null), '203.0.113.5'],
  ['an IPv4 address that looks like IPv6', none.of('::ffff:203.0.113.5', null), '203.0.113.5'],
  ['an IPv6 address by its network', none.of('2001:db8:1:2:3:4:5:6', null), '2001:db8:1:2'],
  ['a shortened IPv6 address', none.of('2001:db8::1', null), '2001:db8:0:0'],
  ['an IPv6 address with zeros', none.of('2001:0db8:0001:0002::', null), '2001:db8:1:2'],
  ['an address of a link', none.of('fe80::1%eth0', null), 'fe80:0:0:0'],
  ['this machine: not at all', none.of('127.0.0.1', null), undefined],
  ['this machine, in other words', none.of('::ffff:127.0.0.1', null), undefined],
  ['this machine on IPv6', none.of('::1', null), undefined],
  ['a stranger who says to be somebody else', none.of('203.0.113.5', '198.51.100.7'), '203.0.113.5'],
  ['this machine, saying it asks for another', none.of('127.0.0.1', '198.51.100.7'), undefined],
  ['the client of a trusted proxy', proxied.of('127.0.0.1', '198.51.100.7'), '198.51.100.7'],
  ['what a client told a trusted proxy', proxied.of('127.0.0.1', '1.2.3.4, 198.51.100.7'), '198.51.100.7'],
  ['a chain of trusted proxies', proxied.of('10.1.2.3', '1.2.3.4,198.51.100.7 , fd00::1'), '198.51.100.7'],
  ['a trusted proxy by itself', proxied.of('10.1.2.3', null), '10.1.2.3'],
  ['a trusted proxy that talks nonsense', proxied.of('10.1.2.3', 'unknown, _x'), '10.1.2.3'],
  ['a trusted proxy that says nothing', proxied.of('10.1.2.3', ''), '10.1.2.3'],
  ['a proxy that is not trusted', proxied.of('192.0.2.1', '198.51.100.7'), '192.0.2.1'],
  ['a connection of a stranger', proxied.ofConnection('203.0.113.5'), '203.0.113.5'],
  ['a connection of a trusted proxy: not at all', proxied.ofConnection('::ffff:10.1.2.3'), undefined],
  ['a connection of this machine: not at all', none.ofConnection('::1'), undefined],
  ['nobody, when the connection is gone', none.of('', null), ''],
]
for (const [behaviour, counted, expected] of cases)
  test(`counted: ${behaviour}`, () => assert.equal(counted, expected))

test('networks are addresses with no more bits than they have', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { address: '10.0.0.0', bits: 8 })
  assert.deepEqual(parseNetwork('::1'), { address: '::1', bits: 128 })
  for (const text of ['', 'x', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', '1.2.3', '10.0.0.0/-1'])
    assert.equal(parseNetwork(text), undefined, text)
})
