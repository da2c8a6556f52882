import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { directory, sampleNar, textFile } from '../services/sample-nar.ts'
import { HttpStage, samplePath } from './http-stage.ts'
import type { Answer } from './http-stage.ts'

const storePath = `/nix/store/${samplePath.hash}-${samplePath.name}`
const nar = sampleNar(
  directory({ bin: directory({ hello: textFile('x'), link: { type: 'symlink', target: 'hello' } }) }),
)

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
  await stage.create('hidden', false)
  for (const cache of ['mine', 'hidden']) await stage.push(cache, samplePath, nar)
})
after(() => stage.close())

function pin(change: Record<string, unknown> = {}, cache = 'mine'): Promise<Answer> {
  return stage.post(`/cache/${cache}/pin`, { name: 'v1.0', storePath, artifacts: [], keep: null, ...change })
}

async function pins(): Promise<{ name: string; keep: unknown; lastRevision: Record<string, unknown> }[]> {
  const { status, text } = await stage.ask({
    path: '/api/v1/cache/mine/pin',
    headers: { authorization: 'Bearer ' },
  })
  assert.equal(status, 200)
  return JSON.parse(text) as never
}

function remove(name: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${stage.token}` }
  return stage.ask({ method: 'DELETE', path: `/api/v1/cache/mine/pin/${encodeURIComponent(name)}`, headers })
}

test('a pin is made with status 200 and no body, in every way of keeping it, and listed with its last revision', async () => {
  const keeps = [{ tag: 'Days', contents: 30 }, { tag: 'Revisions', contents: 5 }, { tag: 'Forever' }, null]
  for (const keep of keeps) {
    const { status, body } = await pin({ keep, artifacts: ['bin/hello', 'bin/link'] })
    assert.deepEqual([status, body.length], [200, 0])
    const [listed] = await pins()
    assert.deepEqual([listed?.name, listed?.keep], ['v1.0', keep])
    assert.equal(listed?.lastRevision['storePath'], storePath)
    assert.deepEqual(listed.lastRevision['artifacts'], ['bin/hello', 'bin/link'])
    assert.match(String(listed.lastRevision['createdOn']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  }
})

test('an artifact must be a file of the path', async () => {
  for (const artifact of ['bin', 'bin/nothing', 'bin/hello/x', '../x', '__proto__']) {
    const { status, text } = await pin({ artifacts: [artifact] })
    assert.deepEqual([status, text.includes(artifact)], [400, true], artifact)
  }
})

test('what is not in the cache, or is no path, cannot be pinned', async () => {
  assert.equal((await pin({ storePath: `/nix/store/${'1'.repeat(32)}-x` })).status, 404)
  assert.equal((await pin({ storePath: '/etc/passwd' })).status, 400)
  for (const change of [
    { name: '' },
    { name: 'a\nb' },
    { keep: { tag: 'Days', contents: 0 } },
    { keep: { tag: 'x' } },
  ])
    assert.equal((await pin(change)).status, 400)
})

test('a pin is removed by its name, whatever it is', async () => {
  for (const name of ['feature/x y%2F', 'é?#', 'v2']) {
    assert.equal((await pin({ name })).status, 200)
    assert.equal((await remove(name)).status, 200, name)
    assert.equal((await remove(name)).status, 404)
    assert.ok((await pins()).every((listed) => listed.name !== name))
  }
})

test('strangers may list the pins of public caches, and change none', async () => {
  await pin()
  const paths = ['/api/v1/cache/hidden/pin', '/api/v1/cache/absent/pin']
  const answers = await Promise.all(paths.map((path) => stage.ask({ path })))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 401],
  )
  const posted = await stage.ask({ method: 'POST', path: '/api/v1/cache/mine/pin', body: '{}' })
  const deleted = await stage.ask({ method: 'DELETE', path: '/api/v1/cache/mine/pin/v1.0' })
  assert.deepEqual([posted.status, deleted.status], [401, 401])
  assert.equal((await pins()).length, 1)
})
