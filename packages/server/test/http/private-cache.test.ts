import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { absentHash, helloNar, HttpStage, samplePath } from './http-stage.ts'
import type { Answer, Question } from './http-stage.ts'

const [secret, absent] = ['secret', 'absent']
const expired = 'an-expired-token'
let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('public')
  await stage.create(secret, false)
  await stage.push(secret, samplePath, helloNar)
  await stage.addToken(expired, { isExpired: true })
})
after(() => stage.close())

const narName = '0'.repeat(52)
const questions: readonly ((name: string) => Question)[] = [
  (name) => ({ path: `/${name}/nix-cache-info` }),
  (name) => ({ path: `/${name}/${samplePath.hash}.narinfo` }),
  (name) => ({ path: `/${name}/${absentHash}.narinfo`, method: 'HEAD' }),
  (name) => ({ path: `/${name}/${samplePath.hash}.ls` }),
  (name) => ({ path: `/${name}/nar/${narName}.nar.zst` }),
  (name) => ({ path: '/nix-cache-info', host: `${name}.localhost` }),
  (name) => ({ path: '/', host: `${name}.localhost` }),
  (name) => ({ path: '/anything', host: `${name}.localhost` }),
  (name) => ({ path: '/nix-cache-info', host: `${name}.localhost`, method: 'PUT', body: 'StoreDir: /x\n' }),
  (name) => ({ path: `/api/v1/cache/${name}` }),
  (name) => ({ path: `/api/v1/cache/${name}/${samplePath.hash}.narinfo`, method: 'HEAD' }),
  (name) => ({
    path: `/api/v1/cache/${name}/narinfo`,
    method: 'POST',
    body: JSON.stringify([samplePath.hash]),
  }),
  (name) => ({ path: `/api/v1/cache/${name}/key`, method: 'POST', body: '{}' }),
  (name) => ({ path: `/api/v1/cache/${name}/nar?compression=zst`, method: 'POST', body: 'x' }),
  (name) => ({ path: `/api/v1/cache/${name}/${samplePath.hash}.narinfo`, method: 'POST', body: '{}' }),
]
const visitors: Record<string, Record<string, string>> = {
  nobody: {},
  'an empty token': { authorization: 'Bearer ' },
  'an unknown token': { authorization: 'Bearer nonsense' },
  'an unknown password': { authorization: basic('', 'nonsense') },
  'an expired token': { authorization: `Bearer ${expired}` },
}

for (const [who, headers] of Object.entries(visitors))
  for (const question of questions) {
    const { method = 'GET', path, host = '' } = question('NAME')
    test(`${who}: ${method} ${host}${path} tells nothing about a private cache`, async () => {
      const there = await stage.ask({ ...question(secret), headers })
      const nowhere = await stage.ask({ ...question(absent), headers })
      assert.deepEqual(visible(there, secret), visible(nowhere, absent))
    })
  }

/** Everything of an answer that could differ. */
function visible({ status, headers, text }: Answer, name: string): unknown {
  const { date, ...others } = headers
  assert.ok(date !== undefined || status > 0)
  return { status, headers: { ...others, 'content-length': '' }, text: text.replaceAll(name, 'NAME') }
}

test('a stranger is asked for a token, in one sentence', async () => {
  const { status, headers, text } = await stage.ask({ path: `/${secret}/nix-cache-info` })
  assert.equal(status, 401)
  assert.equal(headers['www-authenticate'], 'Basic realm="cachix"')
  assert.match(headers['content-type'] ?? '', /^text\/plain/)
  assert.match(text, /^Binary cache secret doesn't exist or you're not authorized to read it\..*\n$/)
})

test('the owner is told that an absent cache is absent', async () => {
  const headers = { authorization: `Bearer ${stage.token}` }
  for (const path of [`/${absent}/nix-cache-info`, `/api/v1/cache/${absent}`]) {
    const { status, text } = await stage.ask({ path, headers })
    assert.equal(status, 404)
    assert.match(text, /^Binary cache absent doesn't exist/)
  }
})

test('the token works as a bearer and as the password of any user', async () => {
  for (const authorization of [
    `Bearer ${stage.token}`,
    basic('', stage.token),
    basic('whoever', stage.token),
  ]) {
    const answer = await stage.ask({
      path: `/${secret}/${samplePath.hash}.narinfo`,
      headers: { authorization },
    })
    assert.equal(answer.status, 200)
    assert.match(answer.headers['cache-control'] ?? '', /^private/)
  }
})

test('a token that does not count takes nothing away from what anybody may read', async () => {
  for (const [token, warning] of [
    ['nonsense', /not known/],
    [expired, /Cachix Auth token "of a test" has expired/],
  ] as const) {
    const headers = { authorization: `Bearer ${token}` }
    for (const path of ['/public/nix-cache-info', '/api/v1/cache/public']) {
      const answer = await stage.ask({ path, headers })
      assert.equal(answer.status, 200)
      assert.match(String(answer.headers['x-cachix-warning']), warning)
    }
  }
})

test('a token that counts brings no warning', async () => {
  const headers = { authorization: `Bearer ${stage.token}` }
  const answer = await stage.ask({ path: '/public/nix-cache-info', headers })
  assert.equal(answer.headers['x-cachix-warning'], undefined)
})

test('whoever may read a cache is told that it takes more to change it', async () => {
  const answer = await stage.ask({ method: 'POST', path: '/api/v1/cache/public/key', body: '{}' })
  assert.equal(answer.status, 401)
  assert.match(answer.text, /^You may read binary cache public, but not change it\./)
})

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
