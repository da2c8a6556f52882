import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { CacheError } from '../../src/cache-error.ts'
import { currentRuntime } from '../../src/runtime/current-runtime.ts'
import type { Handler, Listener, Runtime } from '../../src/runtime/runtime.ts'
import { rawConnection } from './raw-connection.ts'

const host = '127.0.0.1'
const file = randomBytes(3_000_000)
const stallMs = 60_000
let runtime: Runtime
let directory: string
let path: string

before(async () => {
  runtime = await currentRuntime()
  directory = await mkdtemp(join(tmpdir(), 'runtime-'))
  path = join(directory, 'file')
  await writeFile(path, file)
})
after(() => rm(directory, { recursive: true }))

async function withServer(
  fetch: Handler,
  use: (url: string, listener: Listener) => Promise<void>,
): Promise<void> {
  const listener = await runtime.listen({ host, port: 0, stallMs, fetch })
  try {
    await use(`http://${host}:${listener.port}`, listener)
  } finally {
    await listener.abort()
  }
}

for (const [start, end] of [
  [0, file.length],
  [0, 1],
  [17, 18],
  [5, 1_999_999],
  [2_999_999, 3_000_000],
] as const)
  test(`a file body from ${start} to ${end} is exactly those bytes, with their length`, async () => {
    await withServer(
      () =>
        new Response(runtime.fileBody(path, start, end), {
          status: 206,
          headers: { 'content-length': String(end - start), 'content-type': 'application/x-nix-nar' },
        }),
      async (url) => {
        const response = await fetch(url)
        assert.equal(response.headers.get('content-length'), String(end - start))
        assert.equal(response.headers.get('transfer-encoding'), null)
        assert.deepEqual(Buffer.from(await response.arrayBuffer()), file.subarray(start, end))
      },
    )
  })

test('the answer to HEAD may name a length it does not send', async () => {
  await withServer(
    () => new Response(null, { headers: { 'content-length': '12345' } }),
    async (url) => {
      const response = await fetch(url, { method: 'HEAD' })
      assert.equal(response.headers.get('content-length'), '12345')
      assert.equal(await response.text(), '')
    },
  )
})

test('the body of a request arrives whole', async () => {
  await withServer(
    async (_request, exchange) => {
      const hash = createHash('sha256').update(await buffer(exchange.body()))
      return new Response(hash.digest('hex'))
    },
    async (url) => {
      const answer = await fetch(url, { method: 'POST', body: file })
      assert.equal(await answer.text(), createHash('sha256').update(file).digest('hex'))
    },
  )
})

test('a request without a body has an empty one', async () => {
  await withServer(
    async (_request, exchange) => new Response(`[${await text(exchange.body())}]`),
    async (url) => assert.equal(await (await fetch(url, { method: 'POST' })).text(), '[]'),
  )
})

test('the body fails and the signal fires when the client goes away', async () => {
  const outcome = Promise.withResolvers<{ failed: boolean; aborted: boolean }>()
  const aborted = Promise.withResolvers<void>()
  await withServer(
    async (request, exchange) => {
      request.signal.addEventListener('abort', () => aborted.resolve())
      const failed = await buffer(exchange.body()).then(
        () => false,
        () => true,
      )
      await aborted.promise
      outcome.resolve({ failed, aborted: request.signal.aborted })
      return new Response('')
    },
    async (_url, listener) => {
      const connection = await rawConnection(listener.port)
      connection.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc')
      setImmediate(() => connection.socket.destroy())
      assert.deepEqual(await outcome.promise, { failed: true, aborted: true })
    },
  )
})

test('a client that waits for it is told to continue when the body is taken', async () => {
  await withServer(
    async (_request, exchange) => new Response(await text(exchange.body())),
    async (_url, listener) => {
      const connection = await rawConnection(listener.port)
      connection.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
      await connection.until('100 Continue')
      connection.send('hello')
      assert.match(await connection.until('hello'), /HTTP\/1.1 200/)
      connection.socket.destroy()
    },
  )
})

test('a request is answered before its body has been sent', async () => {
  await withServer(
    () => new Response('no', { status: 401 }),
    async (_url, listener) => {
      const connection = await rawConnection(listener.port)
      connection.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc')
      assert.match(await connection.until('no'), /HTTP\/1.1 401/)
      connection.socket.destroy()
    },
  )
})

test('a handler that stops reading half way can still answer', async () => {
  await withServer(
    async (_request, exchange) => {
      const body = exchange.body()
      for await (const block of body) {
        assert.ok(block.length > 0)
        break
      }
      return new Response('enough', { status: 413 })
    },
    async (_url, listener) => {
      const connection = await rawConnection(listener.port)
      connection.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
      assert.match(await connection.until('enough'), /HTTP\/1.1 413/)
      connection.socket.destroy()
    },
  )
})

test('a body that fails half way ends the connection short of its length', async () => {
  await withServer(
    () => new Response(ReadableStream.from(broken()), { headers: { 'content-length': '1000' } }),
    async (url) => {
      await assert.rejects(async () => (await fetch(url)).arrayBuffer())
    },
  )
})

test('stopping lets a request in flight finish and refuses new connections', async () => {
  const started = Promise.withResolvers<void>()
  const mayFinish = Promise.withResolvers<void>()
  await withServer(
    async () => {
      started.resolve()
      await mayFinish.promise
      return new Response('finished')
    },
    async (url, listener) => {
      const idle = await rawConnection(listener.port)
      const answer = fetch(url)
      await started.promise
      const stopped = listener.stop()
      await assert.rejects(fetch(url))
      mayFinish.resolve()
      assert.equal(await (await answer).text(), 'finished')
      await stopped
      idle.socket.destroy()
    },
  )
})

test('a connection that is silent, or sends the head of a request drop by drop, is closed', async () => {
  const answering = { stallMs, fetch: () => new Response('') }
  const listener = await runtime.listen({ host, port: 0, idleSeconds: 1, ...answering })
  try {
    const heads = ['', 'GET / HTTP/1.1\r\nHost: x\r\n', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n']
    await Promise.all(
      heads.map(async (head) => {
        const connection = await rawConnection(listener.port)
        connection.send(head)
        const dripping = setInterval(() => head.endsWith('x\r\n') && connection.send('X: y\r\n'), 100)
        await connection.rest()
        clearInterval(dripping)
      }),
    )
  } finally {
    await listener.abort()
  }
})

test('aborting cuts a request in flight, and tells its handler', async () => {
  const started = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  await withServer(
    async (request) => {
      request.signal.addEventListener('abort', () => told.resolve())
      started.resolve()
      return new Promise<Response>(() => undefined)
    },
    async (url, listener) => {
      const answer = fetch(url)
      await started.promise
      await Promise.all([assert.rejects(answer), listener.abort(), told.promise])
    },
  )
})

test('a taken port is refused with a sentence', async () => {
  await withServer(
    () => new Response(''),
    async (_url, listener) => {
      await assert.rejects(
        runtime.listen({ host, port: listener.port, stallMs, fetch: () => new Response('') }),
        (error: unknown) =>
          error instanceof CacheError &&
          error.message.startsWith(`Something is already listening on ${host}:`),
      )
    },
  )
})

test('an address of another machine is refused with a sentence', async () => {
  await assert.rejects(
    runtime.listen({ host: '192.0.2.1', port: 0, stallMs, fetch: () => new Response('') }),
    (error: unknown) =>
      error instanceof CacheError && error.message.includes('not an address of this machine'),
  )
})

test('readers that do not read cost no memory in proportion to what they asked for', async () => {
  const size = 256 * 1024 * 1024
  const large = join(directory, 'large')
  await writeFile(large, Readable.from(pieces(size)))
  await withServer(
    () => new Response(runtime.fileBody(large, 0, size), { headers: { 'content-length': String(size) } }),
    async (_url, listener) => {
      const before = process.memoryUsage().rss
      const readers = await Promise.all(Array.from({ length: 8 }, () => rawConnection(listener.port)))
      await Promise.all(
        readers.map(async (reader) => {
          reader.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
          await reader.until('\r\n\r\n')
          reader.socket.pause()
        }),
      )
      const grown = process.memoryUsage().rss - before
      assert.ok(grown < 128 * 1024 * 1024, `grew by ${Math.round(grown / 1e6)} MB`)
      for (const reader of readers) reader.socket.destroy()
    },
  )
})

function* pieces(size: number): Generator<Uint8Array> {
  const piece = new Uint8Array(1024 * 1024)
  for (let sent = 0; sent < size; sent += piece.length) yield piece
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('some')
  await new Promise((resolve) => setImmediate(resolve))
  throw new Error('expected by this test')
}
