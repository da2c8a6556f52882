import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CreatedToken, TokenInfos } from '@cachix/api'
import { TokenUses } from '../../src/services/token-uses.ts'
import { helloNar, HttpStage, samplePath } from './http-stage.ts'
import type { Answer } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  for (const name of ['public', 'team']) await stage.create(name)
  for (const name of ['secret', 'other']) await stage.create(name, false)
  await stage.push('secret', samplePath, helloNar)
  await stage.addStranger('stranger')
})
after(() => stage.close())

describe('a token that is made', () => {
  test('is told once, with what it is for, and its text is not stored', async () => {
    const created = await make({ description: 'of CI', cache: 'secret', permission: 'Write', lifetime: 3600 })
    assert.match(created.token, /^cxw_[\w-]{43}$/)
    assert.deepEqual(
      [created.description, created.cache, created.permission, created.lastUsedAt],
      ['of CI', 'secret', 'Write', null],
    )
    const lifetime = Date.parse(created.expiresAt!) - Date.parse(created.createdAt)
    assert.ok(Math.abs(lifetime - 3_600_000) < 1000)
    const { token, ...info } = created
    assert.deepEqual((await list(stage.token)).at(0), info)
    assert.ok(!stage.log.includes(token))
  })

  const rights = [
    ['Read', 200, 401, 401],
    ['Write', 200, 200, 401],
    ['Admin', 200, 200, 200],
  ] as const
  for (const [permission, reads, writes, administrates] of rights) {
    test(`for ${permission} may do that and no more`, async () => {
      const { token } = await make({ cache: 'secret', permission })
      const narinfo = { path: `/secret/${samplePath.hash}.narinfo`, headers: bearer(token) }
      assert.equal((await stage.ask(narinfo)).status, reads)
      const missing = await call('POST', '/cache/secret/chunks/missing', { token, body: [] })
      assert.equal(missing.status, writes)
      assert.equal((await call('GET', '/token', { token })).status, administrates)
      const change = await call('PATCH', '/cache/secret', { token, body: { isPublic: false } })
      assert.equal(change.status, administrates)
      assert.equal((await call('POST', '/cache/new', { token, body: {} })).status, 401)
    })
  }

  test('is taken as a bearer, and as the password of any user or none', async () => {
    const { token } = await make({ cache: 'secret', permission: 'Read' })
    for (const user of ['', 'cachix']) {
      const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
      const answer = await stage.ask({ path: '/secret/nix-cache-info', headers: { authorization } })
      assert.equal(answer.status, 200)
    }
  })

  test('reads public caches that it is not for, and no private ones', async () => {
    const { token } = await make({ cache: 'secret', permission: 'Admin' })
    const ofPublic = await call('GET', '/cache/public', { token })
    assert.deepEqual(
      [ofPublic.status, (JSON.parse(ofPublic.text) as { permission: string }).permission],
      [200, 'Read'],
    )
    assert.equal((await call('GET', '/cache/other', { token })).status, 401)
  })

  test('never outlives the token that made it', async () => {
    const admin = await make({ cache: 'secret', permission: 'Admin', lifetime: 60 })
    for (const lifetime of [undefined, 3600]) {
      const made = await make({ cache: 'secret', permission: 'Read', lifetime }, admin.token)
      assert.equal(made.expiresAt, admin.expiresAt)
    }
  })

  test('notes that it was used, once an hour', async () => {
    const { token, id } = await make({ cache: 'secret', permission: 'Read' })
    for (let times = 0; times < 3; times++) await call('GET', '/cache/secret', { token })
    while ((await list(stage.token)).find((info) => info.id === id)?.lastUsedAt === null);
    const notes: number[] = []
    const uses = new TokenUses({
      tokens: { noteUse: async (id) => void notes.push(id) },
      onFailure: assert.fail,
    })
    uses.note({ id: 1, lastUsedAt: undefined })
    uses.note({ id: 1, lastUsedAt: undefined })
    uses.note({ id: 2, lastUsedAt: Date.now() - 1000 })
    uses.note({ id: 3, lastUsedAt: Date.now() - 3_700_000 })
    await uses.settled()
    assert.deepEqual(notes, [1, 3])
  })

  test('is refused where the request makes no sense', async () => {
    for (const body of [
      { cache: 'secret' },
      { permission: 'Read' },
      { cache: 'secret', permission: 'Everything' },
      { cache: 'secret', permission: 'Read', lifetime: 0 },
      { description: 'two\nlines' },
      { description: 'x'.repeat(201) },
    ]) {
      const { status, text } = await call('POST', '/token', { token: stage.token, body })
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(text, /^[^\n]+\n$/)
    }
  })
})

describe('managing tokens', () => {
  test('is for personal tokens, and for those that administrate a cache: of that cache', async () => {
    const admin = await make({ cache: 'team', permission: 'Admin' })
    const reader = await make({ cache: 'team', permission: 'Read' }, admin.token)
    assert.deepEqual(
      (await list(admin.token)).map(({ id }) => id),
      [reader.id, admin.id],
    )
    const personal = await call('POST', '/token', { token: admin.token, body: {} })
    assert.equal(personal.status, 401)
    const body = { cache: 'public', permission: 'Read' }
    assert.equal((await call('POST', '/token', { token: admin.token, body })).status, 401)
    const ofSecret = await make({ cache: 'secret', permission: 'Read' })
    assert.equal((await revoke(ofSecret.id, admin.token)).status, 404)
    assert.equal((await revoke(reader.id, admin.token)).status, 200)
    assert.equal((await call('GET', '/token', { token: '' })).status, 401)
  })

  test("does not reach other accounts' tokens, and tells nothing of them", async () => {
    const own = await make({ description: 'mine' })
    const [other, absent] = await Promise.all([revoke(own.id, 'stranger'), revoke(999_999, 'stranger')])
    assert.deepEqual(
      [other.status, other.text.replace(String(own.id), 'ID')],
      [absent.status, absent.text.replace('999999', 'ID')],
    )
    assert.deepEqual(
      (await list('stranger')).map(({ description }) => description),
      ['of a stranger'],
    )
  })

  test('ends with a revoked token, which is unknown at once', async () => {
    const { token, id } = await make({ cache: 'secret', permission: 'Read' })
    assert.equal((await call('GET', '/cache/secret', { token })).status, 200)
    assert.equal((await revoke(id, stage.token)).status, 200)
    assert.equal((await call('GET', '/cache/secret', { token })).status, 401)
    const answer = await call('GET', '/cache/public', { token })
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['x-cachix-warning']), /not known/)
  })

  test('lets every token revoke itself and no other', async () => {
    const reader = await make({ cache: 'secret', permission: 'Read' })
    const other = await make({ cache: 'secret', permission: 'Read' })
    assert.equal((await revoke(other.id, reader.token)).status, 401)
    assert.equal((await revoke(reader.id, reader.token)).status, 200)
    assert.equal((await call('GET', '/cache/secret', { token: reader.token })).status, 401)
  })

  test('takes numbers as ids', async () => {
    for (const id of ['x', '-1', '1.5', '1e3', '9'.repeat(30)]) {
      assert.equal((await call('DELETE', `/token/${id}`, { token: stage.token })).status, 400)
    }
  })
})

describe('a cache that becomes private', () => {
  test('is no longer read by anybody, from the next request on, and then by everybody again', async () => {
    await stage.create('turning')
    await stage.push('turning', samplePath, helloNar)
    const narinfo = { path: `/turning/${samplePath.hash}.narinfo` }
    const anybody = async () => (await stage.ask(narinfo)).status
    assert.deepEqual([await anybody(), await anybody()], [200, 200])
    await stage.ask({ path: '/turning/nix-cache-info' })
    const { token } = stage
    assert.equal((await call('PATCH', '/cache/turning', { token, body: { isPublic: false } })).status, 200)
    assert.equal(await anybody(), 401)
    assert.equal((await stage.ask({ ...narinfo, headers: bearer(token) })).status, 200)
    assert.equal((await call('PATCH', '/cache/turning', { token, body: { isPublic: true } })).status, 200)
    assert.equal(await anybody(), 200)
  })

  test('is one only at the word of an administrator', async () => {
    const body = { isPublic: false }
    assert.equal((await call('PATCH', '/cache/public', { token: 'stranger', body })).status, 401)
    assert.equal((await call('PATCH', '/cache/public', { token: '', body })).status, 401)
  })
})

async function make(body: object, token = stage.token): Promise<CreatedToken> {
  const { status, text } = await call('POST', '/token', { token, body })
  assert.equal(status, 200, text)
  return CreatedToken.parse(JSON.parse(text))
}

async function list(token: string): Promise<TokenInfos> {
  const { status, text } = await call('GET', '/token', { token })
  assert.equal(status, 200, text)
  return TokenInfos.parse(JSON.parse(text))
}

function revoke(id: number, token: string): Promise<Answer> {
  return call('DELETE', `/token/${id}`, { token })
}

function call(
  method: string,
  path: string,
  { token, body }: { readonly token: string; readonly body?: object },
): Promise<Answer> {
  const headers = bearer(token)
  return stage.ask({
    method,
    path: `/api/v1${path}`,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
