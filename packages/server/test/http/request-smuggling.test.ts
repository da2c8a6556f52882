import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rawConnection } from '../runtime/raw-connection.ts'
import { HttpStage } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
})
after(() => stage.close())

/** What a proxy that counts differently would take for a body. Its answer would be for somebody else. */
const smuggled = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
const chunked = 'Transfer-Encoding: chunked'

/** Lines after the request line and the host, and what follows the head. */
const shapes: readonly [shape: string, headers: readonly string[], rest: string][] = [
  ['a length and chunks', ['Content-Length: 6', chunked], `0\r\n\r\n${smuggled}`],
  ['chunks and a length', [chunked, 'Content-Length: 4'], `5c\r\n${smuggled}0\r\n\r\n`],
  ['two lengths', ['Content-Length: 3', 'Content-Length: 0'], `abc${smuggled}`],
  ['two lengths on a line', ['Content-Length: 3, 0'], `abc${smuggled}`],
  ['a length with a sign', ['Content-Length: +3'], `abc${smuggled}`],
  ['a negative length', ['Content-Length: -3'], smuggled],
  ['a hexadecimal length', ['Content-Length: 0x3'], `abc${smuggled}`],
  ['an empty length', ['Content-Length: '], smuggled],
  ['a length beyond 64 bits', ['Content-Length: 18446744073709551619'], `abc${smuggled}`],
  ['a space before the colon', ['Content-Length : 3'], `abc${smuggled}`],
  ['a folded header', ['Transfer-Encoding:', ' chunked', 'Content-Length: 5'], `0\r\n\r\n${smuggled}`],
  ['another coding', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${smuggled}`],
  ['chunks that are not the last coding', ['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${smuggled}`],
  ['no coding and a length', ['Transfer-Encoding: identity', 'Content-Length: 3'], `abc${smuggled}`],
  ['a bare line feed in a header', ['X: a\nContent-Length: 3'], `abc${smuggled}`],
  ['a bare carriage return in a header', ['X: a\rContent-Length: 3'], `abc${smuggled}`],
  ['a zero byte in a header', ['X: a\0b'], smuggled],
  ['a negative chunk', [chunked], `-1\r\n\r\n${smuggled}`],
  ['a chunk beyond 64 bits', [chunked], `10000000000000003\r\nabc\r\n0\r\n\r\n${smuggled}`],
  ['a chunk with a prefix', [chunked], `0x3\r\nabc\r\n0\r\n\r\n${smuggled}`],
  ['a chunk with a space', [chunked], `3 \r\nabc\r\n0\r\n\r\n${smuggled}`],
  ['a chunk without a size', [chunked], `\r\nabc\r\n0\r\n\r\n${smuggled}`],
  ['a chunk longer than it says', [chunked], `3\r\nabcde\r\n0\r\n\r\n${smuggled}`],
  ['chunks with bare line feeds', [chunked], `3\nabc\n0\n\n${smuggled}`],
  ['a bare line feed after an extension', [chunked], `3;a\nabc\r\n0\r\n\r\n${smuggled}`],
]

for (const [shape, headers, rest] of shapes)
  test(`what follows ${shape} is not taken for a request`, async () => {
    const head = ['POST /api/v1/cache/mine/key HTTP/1.1', 'Host: localhost', ...headers].join('\r\n')
    const connection = await rawConnection(stage.server.port)
    connection.send(Buffer.from(`${head}\r\n\r\n${rest}`, 'latin1'))
    const answers = await connection.rest()
    assert.doesNotMatch(answers, /HTTP\/1\.1 (?:2|3|5)|"openapi"/)
  })

const heads: readonly [head: string, text: string, status: RegExp][] = [
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a.localhost\r\nHost: b.localhost\r\n\r\n', /^HTTP\/1.1 400/],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1.1 400/],
  ['a host with a path', 'GET / HTTP/1.1\r\nHost: localhost/mine\r\n\r\n', /^HTTP\/1.1 400/],
  ['a host with a user', 'GET / HTTP/1.1\r\nHost: a.localhost@b.localhost\r\n\r\n', /^HTTP\/1.1 400/],
  ['a host with a query', 'GET / HTTP/1.1\r\nHost: a.localhost?b\r\n\r\n', /^HTTP\/1.1 400/],
  ['a long URL', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1.1 431/],
  ['a long header', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431/],
  ['many headers', `GET / HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(3000)}\r\n`, /^HTTP\/1.1 431/],
  ['a control character in the URL', 'GET /\x01\t HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 (?:4|505)/],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^HTTP\/1.1 (?:400|505)/],
]

for (const [head, text, status] of heads)
  test(`a request with ${head} is refused`, async () => {
    const connection = await rawConnection(stage.server.port)
    connection.send(Buffer.from(text, 'latin1'))
    assert.match(await connection.until('\r\n\r\n'), status)
    connection.socket.destroy()
  })

test('the service is as before', async () => {
  assert.equal((await stage.ask({ path: '/healthz' })).status, 200)
  assert.doesNotMatch(stage.log, /"level":[56]0/)
})
