import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rawConnection } from '../runtime/raw-connection.ts'
import { helloNar, HttpStage, samplePath } from './http-stage.ts'

const narinfo = `${samplePath.hash}.narinfo`
let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
  await stage.create('secret', false)
  await stage.push('secret', samplePath, helloNar)
})
after(() => stage.close())

test('no path leads out of a cache to files of the service', async () => {
  const files = ['service.key', 'cachix.sqlite', 'lock', '../../../../../../etc/passwd', 'packs', 'spool']
  const ways = [
    (file: string) => `/mine/nar/../../${file}`,
    (file: string) => `/mine/nar/..%2f..%2f${file}`,
    (file: string) => `/mine/nar/%2e%2e/%2e%2e/${file}`,
    (file: string) => `/mine/nar/..\\..\\${file}`,
    (file: string) => `/mine/nar//${stage.directory}/${file}`,
    (file: string) => `/mine/nar/${file}%00.nar.zst`,
    (file: string) => `/api/v1/cache/mine/nar/../../../../${file}`,
    (file: string) => `/../${file}`,
  ]
  for (const file of files) {
    for (const way of ways) {
      const { status } = await stage.ask({ path: way(file) })
      assert.ok(status >= 400 && status < 500, `${way(file)}: ${status}`)
    }
  }
})

test('no way of writing a path, or a host, lets a stranger read a private cache', async () => {
  const targets = [
    `/mine/../secret/${narinfo}`,
    `/mine/%2e%2e/secret/${narinfo}`,
    `//secret/${narinfo}`,
    `/./secret/${narinfo}`,
    `/mine/..;/secret/${narinfo}`,
    `/api/v1/cache/mine/../secret/${narinfo}`,
    `http://secret.localhost/${narinfo}`,
    `http://mine.localhost@secret.localhost/${narinfo}`,
    `https://secret.localhost/${narinfo}`,
  ]
  for (const target of targets) {
    for (const host of ['localhost', 'mine.localhost', 'secret.localhost', 'secret.localhost.']) {
      const answer = await rawGet(target, `Host: ${host}\r\nX-Forwarded-Host: secret.localhost\r\n`)
      assert.match(answer, /^HTTP\/1\.1 4/, `${target} at ${host}`)
      assert.doesNotMatch(answer, /StorePath/)
    }
  }
})

test('the name of a forwarded host is not looked at', async () => {
  const owner = { authorization: `Bearer ${stage.token}`, 'x-forwarded-host': 'secret.localhost' }
  for (const headers of [owner, { ...owner, forwarded: 'host=secret.localhost' }]) {
    assert.equal((await stage.ask({ path: `/${narinfo}`, host: 'mine.localhost', headers })).status, 404)
  }
})

test('control characters in names are refused, and are not in the answer', async () => {
  for (const name of ['a%0d%0aSet-Cookie:%20x', 'a%00', 'a%1b%5b31m', 'a%7f', 'a%e2%80%ae']) {
    const { status, text, headers } = await stage.post(`/cache/${name}`, {
      isPublic: true,
      generateSigningKey: true,
    })
    assert.equal(status, 400, name)
    assert.match(text, /^\P{C}+\n$/u)
    assert.equal(headers['set-cookie'], undefined)
  }
  for (const storePath of [
    `${samplePath.hash}-a\nb`,
    `${samplePath.hash}-a\u0000`,
    `${samplePath.hash}-\u001b[31m`,
  ]) {
    const path = {
      storePath,
      narHash: `sha256:${'0'.repeat(52)}`,
      narSize: 1,
      references: [],
      recipe: 'AQA=',
    }
    const { status, text } = await stage.post('/cache/mine/paths', { paths: [path] })
    assert.ok(status === 400 || text.includes('"failed"'), text)
    assert.match(text, /^[^\p{Cc}]+\n?$/u)
  }
})

async function rawGet(target: string, headers: string): Promise<string> {
  const connection = await rawConnection(stage.server.port)
  connection.send(`GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
  return connection.rest()
}
