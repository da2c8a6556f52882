import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { currentRuntime } from '../../src/runtime/current-runtime.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { rawConnection } from './raw-connection.ts'

const host = '127.0.0.1'
const stallMs = 60_000
let runtime: Runtime

before(async () => {
  runtime = await currentRuntime()
})

const onNode = { skip: 'Bun' in globalThis ? 'not on Bun, see docs/service.md' : false }

test('a head that comes drop by drop is given less time than a reader that pauses', onNode, async () => {
  const answering = { stallMs, fetch: () => new Response('') }
  const listener = await runtime.listen({ host, port: 0, headSeconds: 1, ...answering })
  try {
    const connection = await rawConnection(listener.port)
    connection.send('GET / HTTP/1.1\r\nHost: x\r\n')
    const dripping = setInterval(() => connection.send('X: y\r\n'), 100)
    assert.match(await connection.rest(), /HTTP\/1.1 408/)
    clearInterval(dripping)
  } finally {
    await listener.abort()
  }
})

test('one connection too many of an address is closed at once, until another has ended', onNode, async () => {
  const connections = { most: 2, addressOf: () => 'somebody' }
  const answering = { stallMs, fetch: () => new Response('here') }
  const listener = await runtime.listen({ host, port: 0, connections, ...answering })
  try {
    const [first] = await Promise.all([rawConnection(listener.port), rawConnection(listener.port)])
    const third = await rawConnection(listener.port)
    assert.equal(await third.rest(), '')
    first.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(await first.rest(), /here/)
    const fourth = await rawConnection(listener.port)
    fourth.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.match(await fourth.until('here'), /200/)
    fourth.socket.destroy()
  } finally {
    await listener.abort()
  }
})

test('who is not counted may have any number of connections', async () => {
  const connections = { most: 1, addressOf: () => undefined }
  const listener = await runtime.listen({
    host,
    port: 0,
    stallMs,
    connections,
    fetch: () => new Response('here'),
  })
  try {
    const url = `http://${host}:${listener.port}`
    const all = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()))
    assert.deepEqual(all, ['here', 'here', 'here'])
  } finally {
    await listener.abort()
  }
})
