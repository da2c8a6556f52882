import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { HttpStage } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
})
after(() => stage.close())

test('the front page says what this is and what to type', async () => {
  const { status, headers, text } = await stage.ask({ path: '/' })
  assert.equal(status, 200)
  assert.match(headers['content-type'] ?? '', /^text\/plain/)
  assert.match(text, /Nix binary caches/)
  assert.match(text, new RegExp(`cachix config set hostname http://localhost:${stage.server.port}`))
})

test('the health check asks the database', async () => {
  for (const method of ['GET', 'HEAD']) {
    assert.equal((await stage.ask({ method, path: '/healthz' })).status, 200)
  }
})

test('what is not there is 404, in plain text', async () => {
  const paths = ['/nothing/here', '/api', '/api/', '/api/v1', '/api/v2/user', '/api/v1/nothing', '/%', '/%00']
  for (const path of [...paths, `/${'x'.repeat(5000)}`]) {
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const { status, headers } = await stage.ask({ method, path })
      assert.equal(status, 404, `${method} ${path.slice(0, 50)}`)
      assert.match(headers['content-type'] ?? '', /^text\/plain/)
    }
  }
})

test('the wrong method is 405, and the right ones are named', async () => {
  const cases = [
    ['POST', '/', 'GET, HEAD'],
    ['DELETE', '/healthz', 'GET, HEAD'],
    ['PUT', '/api/v1/user', 'GET'],
    ['PUT', '/api/v1/cache/mine', 'GET, POST, PATCH, DELETE'],
    ['GET', '/api/v1/cache/mine/key', 'POST'],
    ['OPTIONS', '/api/v1/cache/mine/nar', 'POST'],
  ] as const
  for (const [method, path, allow] of cases) {
    const { status, headers } = await stage.ask({ method, path })
    assert.equal(status, 405, `${method} ${path}`)
    assert.equal(headers.allow, allow)
  }
})

test('what nobody expected is told with an id that the log has too, and no secrets', async () => {
  const database = new DatabaseSync(stage.databasePath)
  database.exec('alter table signing_keys rename to mislaid')
  try {
    const { status, text } = await stage.ask({
      path: '/api/v1/cache/mine?secret=in-the-query',
      headers: { authorization: `Bearer ${stage.token}` },
    })
    assert.equal(status, 500)
    const id = /request ([\w-]{36})\.\n$/.exec(text)?.[1]
    assert.ok(id)
    assert.doesNotMatch(text, /signing_keys|\n\s+at /)
    const line = stage.log.split('\n').find((text) => text.includes(id))
    assert.match(line ?? '', /"level":50.*signing_keys/)
    assert.ok(!stage.log.includes(stage.token))
    assert.ok(!stage.log.includes('in-the-query'))
  } finally {
    database.exec('alter table mislaid rename to signing_keys')
    database.close()
  }
})

test('after all that the service works', async () => {
  assert.equal((await stage.ask({ path: '/api/v1/cache/mine' })).status, 200)
})
