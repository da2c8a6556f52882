import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { rawConnection } from '../runtime/raw-connection.ts'
import type { RawConnection } from '../runtime/raw-connection.ts'
import { helloNar, HttpStage } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open({ CACHIX_SERVE_MAX_NAR_SIZE: '1000000', CACHIX_SERVE_STALL_SECONDS: '2' })
  await stage.create('mine')
})
after(() => stage.close())

/** A POST by the owner whose body is still to be sent. */
async function begin(path: string, ...headers: string[]): Promise<RawConnection> {
  const connection = await rawConnection(stage.server.port)
  const lines = [
    `POST /api/v1${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${stage.token}`,
    ...headers,
  ]
  connection.send(`${lines.join('\r\n')}\r\n\r\n`)
  return connection
}

const upload = '/cache/mine/nar?compression=zst'

test('JSON that is none, or not what is wanted, is refused with what is wrong', async () => {
  const cases = [
    ['/cache/mine/narinfo', '{', /is not JSON/],
    ['/cache/mine/narinfo', '', /is not JSON/],
    ['/cache/mine/narinfo', '{}', /expected array/],
    ['/cache/mine/narinfo', '["x"]', /0: A store hash is 32 characters/],
    ['/cache/mine/key', '{}', /publicKey: /],
    ['/cache/new', '{"isPublic":1}', /isPublic: /],
    ['/cache/mine/narinfo', '[\u0000]', /is not JSON/],
  ] as const
  for (const [path, body, problem] of cases) {
    const { status, text } = await stage.post(path, Buffer.from(body))
    assert.equal(status, 400, body)
    assert.match(text, problem)
    assert.match(text, /^[^\n]+\n$/)
  }
})

test('a body that says it is too long is refused before it is sent', async () => {
  for (const [path, length] of [
    ['/cache/mine/key', 1024 ** 2 + 1],
    ['/cache/mine/narinfo', 2 * 1024 ** 2 + 1],
    [upload, 1_000_001],
  ] as const) {
    const connection = await begin(path, `Content-Length: ${length}`)
    assert.match(await connection.until('larger than the'), /^HTTP\/1.1 413/)
    connection.socket.destroy()
  }
})

test('a body that turns out too long is refused while it is sent', async () => {
  const block = `${(100_000).toString(16)}\r\n${'x'.repeat(100_000)}\r\n`
  for (const path of ['/cache/mine/key', upload]) {
    const connection = await begin(path, 'Transfer-Encoding: chunked')
    for (let sent = 0; sent < 12; sent++) connection.send(block)
    assert.match(await connection.until('larger than the'), /^HTTP\/1.1 413/)
    connection.socket.destroy()
  }
})

test('a stranger is refused before the body is sent', async () => {
  const connection = await rawConnection(stage.server.port)
  connection.send(
    `POST /api/v1${upload} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\nExpect: 100-continue\r\n\r\n`,
  )
  assert.match(await connection.until('An auth token is needed'), /HTTP\/1.1 401/)
  connection.socket.destroy()
})

test('a client that asks first is told to go on, and its NAR arrives', async () => {
  const length = `Content-Length: ${helloNar.file.length}`
  const connection = await begin(upload, length, 'Expect: 100-continue')
  await connection.until('100 Continue')
  connection.send(helloNar.file)
  assert.match(await connection.until('narSize'), /HTTP\/1.1 200 OK/)
  connection.socket.destroy()
})

test('an upload whose sender goes away leaves nothing behind, and is no error', async () => {
  const connection = await begin(upload, 'Content-Length: 900000')
  connection.send(helloNar.file.subarray(0, 1000))
  await appears(() => spooled().then((files) => files.length === 1))
  connection.socket.destroy()
  await appears(() => spooled().then((files) => files.length === 0))
  assert.doesNotMatch(stage.log, /"level":[56]0/)
})

test('a body that stalls is given up, with its connection, and leaves nothing behind', async () => {
  const answers = ['/cache/mine/key', '/cache/mine/bundles', upload].map(async (path) => {
    const connection = await begin(path, 'Content-Length: 10000')
    connection.send('[')
    return connection.rest()
  })
  for (const answer of await Promise.all(answers)) {
    assert.match(answer, /^HTTP\/1.1 408 [^]*too slowly, or no longer/)
  }
  await appears(() => spooled().then((files) => files.length === 0))
})

function spooled(): Promise<string[]> {
  return readdir(join(stage.directory, 'spool'))
}

async function appears(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}
