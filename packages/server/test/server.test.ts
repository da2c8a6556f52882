import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { CacheError } from '../src/cache-error.ts'
import { createServer, parseServerConfig } from '../src/index.ts'
import type { RunningServer, ServerOptions } from '../src/index.ts'
import { rawConnection } from './runtime/raw-connection.ts'

let directory: string
let servers: RunningServer[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'server-'))
  servers = []
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close(0)))
  await rm(directory, { recursive: true })
})

async function start(options: ServerOptions = {}): Promise<RunningServer> {
  const config = parseServerConfig({ listen: '127.0.0.1:0', data: join(directory, 'data'), ...options })
  const server = await createServer(config)
  servers.push(server)
  return server
}

function refusal(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof CacheError, String(error))
    assert.match(error.message, message)
    return true
  }
}

test('the first start makes the token, tells it, and writes it where only its owner can read it', async () => {
  const ownerTokenFile = join(directory, 'token')
  await writeFile(ownerTokenFile, 'old', { mode: 0o644 })
  const { url, ownerToken } = await start({ ownerTokenFile })
  assert.ok(ownerToken)
  assert.equal(await readFile(ownerTokenFile, 'utf8'), `${ownerToken}\n`)
  assert.equal((await stat(ownerTokenFile)).mode & 0o777, 0o600)
  const answer = await fetch(`${url}/api/v1/user`, { headers: { authorization: `Bearer ${ownerToken}` } })
  assert.equal(answer.status, 200)
})

test('the second start makes no token and keeps what was there', async () => {
  const ownerTokenFile = join(directory, 'token')
  const first = await start({ ownerTokenFile })
  await first.close()
  const second = await start({ ownerTokenFile })
  assert.equal(second.ownerToken, undefined)
  assert.equal(await readFile(ownerTokenFile, 'utf8'), `${first.ownerToken}\n`)
  const headers = { authorization: `Bearer ${first.ownerToken}` }
  assert.equal((await fetch(`${second.url}/api/v1/user`, { headers })).status, 200)
})

test('a token that cannot be written to its file is told all the same', async () => {
  const ownerTokenFile = join(directory, 'nowhere', 'token')
  await assert.rejects(start({ ownerTokenFile }), refusal(/could not be written.*cxp_/))
})

test('the address is that of the port in use, or what it is said to be', async () => {
  const one = await start()
  assert.equal(one.url, `http://localhost:${one.port}`)
  assert.equal((await fetch(`${one.url}/healthz`)).status, 200)
  const other = await start({ data: join(directory, 'other'), publicUrl: 'https://cache.example/' })
  assert.equal(other.url, 'https://cache.example')
})

test('a second server on the same data is refused, until the first has ended', async () => {
  const first = await start()
  await assert.rejects(start(), refusal(/Another server is running on the data directory/))
  await first.close()
  await start()
})

test('a port in use is refused, the data is free again, and no token is lost', async () => {
  const { port } = await start()
  const data = join(directory, 'other')
  await assert.rejects(start({ data, listen: `127.0.0.1:${port}` }), refusal(/already listening on 127/))
  assert.ok((await start({ data })).ownerToken)
})

test('a data directory that cannot be used is refused', async () => {
  const data = join(directory, 'file')
  await writeFile(data, '')
  await assert.rejects(start({ data }), refusal(/The data directory .*file cannot be used/))
})

test('closing waits for an upload that is under way, accepts nothing new, and can be repeated', async () => {
  const server = await start()
  const connection = await rawConnection(server.port)
  const headers = `Host: localhost\r\nAuthorization: Bearer ${server.ownerToken}\r\nConnection: close\r\n`
  connection.send(
    `POST /api/v1/cache/mine HTTP/1.1\r\n${headers}Content-Length: 44\r\nExpect: 100-continue\r\n\r\n`,
  )
  await connection.until('100 Continue')
  const closed = server.close()
  await assert.rejects(fetch(`${server.url}/healthz`))
  connection.send('{"isPublic":true,"generateSigningKey":true }')
  assert.match(await connection.until('200 OK'), /200 OK/)
  await Promise.all([closed, server.close()])
})

test('closing does not wait longer than it is told to', async () => {
  const server = await start()
  const connection = await rawConnection(server.port)
  const headers = `Host: localhost\r\nAuthorization: Bearer ${server.ownerToken}\r\n`
  connection.send(
    `POST /api/v1/cache/mine HTTP/1.1\r\n${headers}Content-Length: 44\r\nExpect: 100-continue\r\n\r\n`,
  )
  await connection.until('100 Continue')
  const patient = server.close()
  await server.close(0)
  await patient
  await connection.rest()
})
