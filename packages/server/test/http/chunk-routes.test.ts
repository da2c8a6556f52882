import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bundleOf, dependencyOf, namesOf, pathCreateOf, program } from '../services/sample-push.ts'
import { rawConnection } from '../runtime/raw-connection.ts'
import { HttpStage } from './http-stage.ts'
import type { Answer } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
})
after(() => stage.close())

const path = program('0')
const library = dependencyOf(path)

async function ask(route: string, body: unknown): Promise<unknown> {
  const answer: Answer = await stage.post(`/cache/mine/${route}`, body)
  assert.equal(answer.status, 200, answer.text)
  return JSON.parse(answer.text)
}

test('chunks are asked about, sent, and published; Nix is served the paths', async () => {
  const names = namesOf(library, path)
  assert.deepEqual(await ask('chunks/missing', names), names)
  assert.deepEqual(await ask('bundles', await bundleOf(library, path)), { stored: names.length, known: 0 })
  assert.deepEqual(await ask('chunks/missing', names), [])
  const published = await ask('paths', { paths: [pathCreateOf(library), pathCreateOf(path)] })
  assert.deepEqual(published, { paths: [{ outcome: 'published' }, { outcome: 'published' }] })
  const narinfo = await stage.ask({ path: `/mine/${path.hash}.narinfo` })
  assert.match(narinfo.text, new RegExp(`^NarSize: ${path.nar.length}$`, 'm'))
})

test('a path that was absent a moment ago is seen as soon as it is published', async () => {
  const rebuilt = program('2')
  const needed = dependencyOf(rebuilt)
  const question = { path: `/mine/${rebuilt.hash}.narinfo` }
  assert.equal((await stage.ask(question)).status, 404)
  await ask('bundles', await bundleOf(needed))
  await ask('paths', { paths: [pathCreateOf(needed), pathCreateOf(rebuilt)] })
  assert.equal((await stage.ask(question)).status, 200)
})

test('each path has a fate of its own', async () => {
  const lonely = program('4')
  const { paths } = (await ask('paths', {
    paths: [pathCreateOf(lonely), pathCreateOf(path), { ...pathCreateOf(library), recipe: 'AAAA' }],
  })) as { paths: { outcome: string; code?: string }[] }
  assert.deepEqual(
    paths.map(({ outcome, code }) => code ?? outcome),
    ['missing-references', 'already-there', 'bad-request'],
  )
})

test('who may only read may not ask which chunks there are', async () => {
  for (const route of ['chunks/missing', 'bundles', 'paths']) {
    const { status, text } = await stage.ask({
      method: 'POST',
      path: `/api/v1/cache/mine/${route}`,
      body: '[]',
    })
    assert.equal(status, 401)
    assert.match(text, /You may read binary cache mine, but not change it/)
  }
})

test('what is not as it should be is refused in a sentence', async () => {
  const [name = ''] = namesOf(library)
  const cases = [
    ['chunks/missing', '["x"]', 400, /64 lower-case hex digits/],
    ['chunks/missing', JSON.stringify(Array.from({ length: 32_769 }, () => name)), 400, /32768/],
    ['paths', '{"paths":[{}]}', 400, /paths\.0\./],
    ['bundles', 'nonsense', 400, /bundle/],
    ['bundles', (await bundleOf(library)).subarray(0, -1), 400, /bundle/],
  ] as const
  for (const [route, body, expected, problem] of cases) {
    const { status, text } = await stage.post(`/cache/mine/${route}`, Buffer.from(body))
    assert.equal(status, expected, text)
    assert.match(text, problem)
  }
})

test('a body that says it is too long is refused before it is sent', async () => {
  for (const [route, length] of [
    ['chunks/missing', 3 * 1024 ** 2 + 1],
    ['paths', 8 * 1024 ** 2 + 1],
    ['bundles', 144 * 1024 ** 2 + 1],
  ] as const) {
    const connection = await rawConnection(stage.server.port)
    const lines = [
      `POST /api/v1/cache/mine/${route} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${stage.token}`,
      `Content-Length: ${length}`,
    ]
    connection.send(`${lines.join('\r\n')}\r\n\r\n`)
    assert.match(await connection.until('larger than the'), /^HTTP\/1.1 413/)
    connection.socket.destroy()
  }
})
