import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { CacheError } from '../../../src/cache-error.ts'
import type { Cache } from '../../../src/database/cache-database.ts'
import type { NewOidcRule } from '../../../src/database/oidc-rule-table.ts'
import { authenticate } from '../../../src/services/authenticate.ts'
import { exchangeIdentity } from '../../../src/services/oidc/exchange-identity.ts'
import type { GivenToken } from '../../../src/services/oidc/exchange-identity.ts'
import { IssuerKeys } from '../../../src/services/oidc/issuer-keys.ts'
import { ServiceStage } from '../service-stage.ts'
import { LocalIssuer, makeKey } from './local-issuer.ts'
import type { IssuedClaims, SignOptions } from './local-issuer.ts'

const audience = 'https://cache.example'
const claims = { aud: audience, repository: 'me/project', ref: 'refs/heads/main' }

let stage: ServiceStage
let issuer: LocalIssuer
let cache: Cache
let sharedKeys: IssuerKeys
before(async () => {
  stage = await ServiceStage.open()
  issuer = await LocalIssuer.start()
  sharedKeys = keysFor(issuer)
  cache = await stage.createManaged('mine', false)
  await stage.createManaged('bystander', false)
  await addRule({})
})
after(async () => {
  await issuer[Symbol.asyncDispose]()
  await stage.close()
})

describe('an identity that a rule trusts', () => {
  test('gets a token for that cache, which expires as the rule says', async () => {
    const { token, text } = await exchange(await issuer.sign(claims))
    assert.match(text, /^cxw_/)
    assert.deepEqual(
      [token.kind, token.cacheName, token.description],
      ['cache-write', 'mine', 'OIDC repo:me/project'],
    )
    assert.ok(Math.abs(token.expiresAt! - Date.now() - 900_000) < 5000)
    const known = await authenticate(stage, text)
    assert.equal(known.outcome === 'known' && known.identity.cacheId, cache.id)
  })

  test('may have several audiences, and claims that are numbers, truths or lists', async () => {
    const issuerClaims = { run: '7', protected: 'true', groups: 'builders' }
    const { id } = await addRule({ claims: issuerClaims, audience: 'other', permission: 'Read' })
    const given = { aud: ['x', 'other'], run: 7, protected: true, groups: ['all', 'builders'] }
    assert.equal((await exchange(await issuer.sign(given))).rule.id, id)
    await refused(await issuer.sign({ ...given, groups: ['all'] }))
    await refused(await issuer.sign({ ...given, groups: { builders: true } }))
    await refused(await issuer.sign({ ...given, groups: null }))
  })

  test('gets the most that any rule gives it', async () => {
    await addRule({ permission: 'Read', claims: { repository: 'me/*' } })
    assert.equal((await exchange(await issuer.sign({ ...claims, n: 1 }))).rule.permission, 'Write')
    const other = { ...claims, repository: 'me/other' }
    assert.equal((await exchange(await issuer.sign(other))).rule.permission, 'Read')
  })

  test('is exchanged once, also by two at once and with its signature spelled otherwise', async () => {
    const key = await makeKey('ec', 'ES256')
    issuer.keys.push(key)
    const identity = await issuer.sign(claims, { key })
    const results = await Promise.allSettled([exchange(identity), exchange(identity)])
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    await refused(identity, /exchanged before/)
    await refused(otherSignature(identity), /exchanged before/)
  })

  test('loses its token with the rule', async () => {
    const { id } = await addRule({ claims: { repository: 'me/gone' } })
    const { text } = await exchange(await issuer.sign({ ...claims, repository: 'me/gone' }))
    await stage.database.oidcRules.remove(cache.id, id)
    assert.deepEqual(await authenticate(stage, text), { outcome: 'unknown' })
  })
})

describe('an identity gets nothing', () => {
  const wrong: Record<string, IssuedClaims> = {
    'for another audience': { ...claims, aud: 'https://elsewhere.example' },
    'for an audience that is like it': { ...claims, aud: `${audience}/` },
    'without the claim': { aud: audience, ref: 'refs/heads/main', repository: undefined },
    'of another repository': { ...claims, repository: 'you/project' },
    'of a repository that begins alike': { ...claims, repository: 'me2/project' },
    'without a subject': { ...claims, sub: undefined },
    'without an audience': { repository: 'me/project', ref: 'refs/heads/main' },
    'without an end': { ...claims, exp: undefined },
    'from the future': { ...claims, nbf: Math.floor(Date.now() / 1000) + 3600 },
    'of an issuer nobody trusts': { ...claims, iss: 'https://elsewhere.example' },
    'of an issuer spelled otherwise': { ...claims, iss: 'HTTP://localhost' },
  }
  for (const [what, claims] of Object.entries(wrong)) {
    test(what, async () => refused(await issuer.sign(claims)))
  }

  test('after it expired', async () => {
    await refused(await issuer.sign(claims, { expiresIn: -60 }), /expired/)
  })

  test('signed with another key of the same name', async () => {
    const key = await makeKey('first')
    await refused(await issuer.sign(claims, { key }), /not valid/)
  })

  test('signed with a key the issuer does not have', async () => {
    await refused(await issuer.sign(claims, { key: await makeKey('strange') }), /not valid/)
  })

  test('with its claims changed', async () => {
    const [header, , signature] = (await issuer.sign(claims)).split('.')
    const payload = encode({ iss: issuer.url, sub: 'x', exp: 9_999_999_999, ...claims })
    await refused(`${header}.${payload}.${signature}`, /not valid/)
  })

  test('unsigned, or signed with the public key as a secret', async () => {
    const payload = encode({ iss: issuer.url, sub: 'x', exp: 9_999_999_999, ...claims })
    await refused(`${encode({ alg: 'none' })}.${payload}.`)
    const { publicJwk } = issuer.keys[0]!
    const pem = createPublicKey({ key: { ...publicJwk }, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    for (const alg of ['HS256', 'HS512']) {
      const signed = `${encode({ alg, kid: 'first', typ: 'JWT' })}.${payload}`
      const signature = createHmac(alg.replace('HS', 'sha'), pem).update(signed).digest('base64url')
      await refused(`${signed}.${signature}`, /not valid/)
    }
  })

  test('that brings its own key', async () => {
    const key = await makeKey('own')
    const token = await issuer.sign(claims, { key })
    const header = encode({ alg: 'RS256', jwk: key.publicJwk, jku: `${issuer.url}/own`, kid: 'own' })
    await refused(`${header}.${token.split('.').slice(1).join('.')}`, /not valid/)
    assert.ok(!issuer.asked.includes('/own'))
  })

  test('that is none', async () => {
    for (const text of ['', 'x', 'a.b.c', '..', `${encode({})}.${encode({ iss: 7 })}.x`, '\0'.repeat(100)]) {
      await refused(text)
    }
  })

  test('from a cache that does not trust it, as from one that is not there', async () => {
    const names = ['bystander', 'notthere1']
    const messages = await Promise.all(
      names.map(async (name) => {
        const error = await exchange(await issuer.sign(claims), name).catch((error: unknown) => error)
        return String(error).replace(name, 'NAME')
      }),
    )
    assert.match(messages[0]!, /doesn't exist or does not trust this identity/)
    assert.equal(messages[0], messages[1])
  })
})

describe('keys of an issuer', () => {
  test('are fetched once, and again for one that is new', async () => {
    await using issuer = await LocalIssuer.start()
    const issuerKeys = keysFor(issuer)
    const ask = (options?: SignOptions) => exchangeWith(issuerKeys, issuer, options)
    await addRule({ issuer: issuer.url })
    await Promise.all([ask(), ask()])
    await ask()
    assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/keys'])
    issuer.keys = [await makeKey('second')]
    await ask()
    assert.equal(issuer.asked.length, 3)
  })

  test('are not fetched for every token that names one nobody has', async () => {
    await using issuer = await LocalIssuer.start()
    const issuerKeys = keysFor(issuer, 60_000)
    await addRule({ issuer: issuer.url })
    const key = await makeKey('strange')
    for (let times = 0; times < 5; times++) {
      await assert.rejects(exchangeWith(issuerKeys, issuer, { key }), { code: 'not-authorized' })
    }
    assert.equal(issuer.asked.length, 2)
  })

  test('are never fetched from an issuer that no rule names', async () => {
    await using issuer = await LocalIssuer.start()
    const issuerKeys = keysFor(issuer)
    await assert.rejects(exchangeWith(issuerKeys, issuer), { code: 'not-authorized' })
    assert.deepEqual(issuer.asked, [])
  })

  test('are never fetched from an issuer that the operator has not named', async () => {
    await using issuer = await LocalIssuer.start()
    await addRule({ issuer: issuer.url })
    for (const others of [false, true]) {
      const issuerKeys = new IssuerKeys({ named: [], others, cooldownMs: 0 })
      await assert.rejects(exchangeWith(issuerKeys, issuer), {
        code: 'not-authorized',
        message: /does not take identities of http:\/\/localhost/,
      })
    }
    assert.deepEqual(issuer.asked, [])
  })

  test('are never fetched from this machine or its networks because somebody named an https address there', async () => {
    await using listener = await countConnections()
    for (const host of [
      'localhost',
      '127.0.0.1',
      '[::1]',
      '169.254.169.254',
      '10.0.0.1',
      '[fd00::1]',
      '[::ffff:127.0.0.1]',
    ]) {
      const iss = `https://${host}:${listener.port}`
      await addRule({ issuer: iss })
      const issuerKeys = new IssuerKeys({ named: [], others: true, cooldownMs: 0 })
      const failure = await exchangeWith(issuerKeys, issuer, { iss }).catch((error: unknown) => error)
      assert.ok(failure instanceof CacheError && failure.code === 'unavailable', String(failure))
      assert.match(String(failure.cause), /is not on the public Internet/)
    }
    assert.equal(listener.count(), 0)
  })

  for (const fault of ['down', 'redirect', 'endless', 'garbage'] as const) {
    test(`that is ${fault} cannot be had, which is nobody's fault for long, and is not asked all the time`, async () => {
      await using issuer = await LocalIssuer.start()
      issuer.fault = fault
      const issuerKeys = keysFor(issuer)
      await addRule({ issuer: issuer.url })
      for (let times = 0; times < 3; times++) {
        await assert.rejects(exchangeWith(issuerKeys, issuer), { code: 'unavailable' })
      }
      assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration'])
    })
  }

  test('are not taken from one that claims to be another, or keeps them elsewhere in the clear', async () => {
    for (const discovery of [
      { issuer: 'https://elsewhere.example' },
      { jwks_uri: 'http://elsewhere.example/keys' },
    ]) {
      await using issuer = await LocalIssuer.start()
      issuer.discovery = discovery
      const issuerKeys = keysFor(issuer)
      await addRule({ issuer: issuer.url })
      await assert.rejects(exchangeWith(issuerKeys, issuer), { code: 'unavailable' })
    }
  })
})

/** The operator has named this issuer. */
function keysFor(issuer: LocalIssuer, cooldownMs = 0): IssuerKeys {
  return new IssuerKeys({ named: [issuer.url], others: false, cooldownMs })
}

function exchange(identityToken: string, cacheName = 'mine'): Promise<GivenToken> {
  return exchangeIdentity({ database: stage.database, issuerKeys: sharedKeys }, { cacheName, identityToken })
}

let count = 0

interface Signing extends SignOptions {
  readonly iss?: string
}

async function exchangeWith(issuerKeys: IssuerKeys, issuer: LocalIssuer, signing: Signing = {}) {
  const { iss = issuer.url, ...options } = signing
  const identityToken = await issuer.sign({ ...claims, iss, jti: String(count++) }, options)
  return exchangeIdentity({ database: stage.database, issuerKeys }, { cacheName: 'mine', identityToken })
}

function refused(identityToken: string, message = /./): Promise<void> {
  return assert.rejects(exchange(identityToken), { name: 'CacheError', code: 'not-authorized', message })
}

function addRule(change: Partial<NewOidcRule>) {
  return stage.database.oidcRules.add({
    cacheId: cache.id,
    issuer: issuer.url,
    audience,
    claims: { repository: 'me/project', ref: 'refs/heads/main' },
    permission: 'Write',
    lifetimeMs: 900_000,
    ...change,
  })
}

/** Somebody on this machine who must not be asked. */
async function countConnections() {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    count: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** ECDSA: where (r, s) is a signature, (r, n - s) is one too. */
function otherSignature(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const dot = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  signature.write(s.toString(16).padStart(64, '0'), 32, 'hex')
  return `${token.slice(0, dot)}.${signature.toString('base64url')}`
}
