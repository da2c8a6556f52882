import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import type { TokenKind } from '../../src/database/token-table.ts'
import { authenticate } from '../../src/services/authenticate.ts'
import type { Identity } from '../../src/services/authenticate.ts'
import { authorize, permits } from '../../src/services/authorize.ts'
import { hashToken } from '../../src/services/token-text.ts'
import { initializeOwner } from '../../src/services/initialize-owner.ts'
import { ServiceStage } from './service-stage.ts'

describe('The first start', () => {
  let stage: ServiceStage
  before(async () => void (stage = await ServiceStage.open()))
  after(() => stage.close())

  test('makes an owner and tells the token, and only the first start does', async () => {
    const tokenText = await initializeOwner(stage)
    assert.match(tokenText!, /^cxp_[\w-]{43}$/)
    const authentication = await authenticate(stage, tokenText)
    assert.equal(authentication.outcome === 'known' && authentication.identity.accountName, 'owner')
    assert.equal(await initializeOwner(stage), undefined)
    assert.ok(!JSON.stringify(await stage.contents()).includes(tokenText!))
  })

  test('of two processes at once makes one owner', async () => {
    const other = await ServiceStage.open()
    const tokens = await Promise.all([initializeOwner(other), initializeOwner(other)])
    assert.equal(tokens.filter((token) => token !== undefined).length, 1)
    await other.close()
  })
})

describe('Authenticating', () => {
  let stage: ServiceStage
  before(async () => void (stage = await ServiceStage.open()))
  after(() => stage.close())

  test('no token or an empty one is anonymous', async () => {
    assert.deepEqual(await authenticate(stage, undefined), { outcome: 'anonymous' })
    assert.deepEqual(await authenticate(stage, ''), { outcome: 'anonymous' })
  })

  test('a token nobody made is unknown', async () => {
    assert.deepEqual(await authenticate(stage, 'cxp_x'), { outcome: 'unknown' })
  })

  test('a token is known until it expires, and then says which it was', async () => {
    const { id: accountId } = await stage.database.accounts.create('someone')
    const token = (text: string, expiresAt: number) =>
      stage.database.tokens.create({
        accountId,
        hash: hashToken(text),
        kind: 'personal',
        description: `token ${text}`,
        expiresAt,
      })
    const expiresAt = Date.now() + 60_000
    const { id: tokenId } = await token('valid', expiresAt)
    await token('over', Date.now() - 1)
    assert.deepEqual(await authenticate(stage, 'valid'), {
      outcome: 'known',
      identity: {
        accountId,
        accountName: 'someone',
        kind: 'personal',
        cacheId: undefined,
        tokenId,
        expiresAt,
      },
    })
    assert.deepEqual(await authenticate(stage, 'over'), { outcome: 'expired', description: 'token over' })
  })
})

describe('What an identity may do with a cache', () => {
  const cache = { id: 1, accountId: 10 }
  const expected: readonly [
    who: string,
    Identity | undefined,
    ofPrivate: string | undefined,
    ofPublic: string,
  ][] = [
    ['anybody', undefined, undefined, 'Read'],
    ['its owner', identity('personal'), 'Admin', 'Admin'],
    ['another account', identity('personal', { accountId: 11 }), undefined, 'Read'],
    ['a token to read it', identity('cache-read', { cacheId: 1 }), 'Read', 'Read'],
    ['a token to write it', identity('cache-write', { cacheId: 1 }), 'Write', 'Write'],
    ['a token to administrate it', identity('cache-admin', { cacheId: 1 }), 'Admin', 'Admin'],
    ['a token for another cache', identity('cache-admin', { cacheId: 2 }), undefined, 'Read'],
    [
      'a token for this cache of an account that lost it',
      identity('cache-admin', { cacheId: 1, accountId: 11 }),
      undefined,
      'Read',
    ],
  ]
  for (const [who, identity, ofPrivate, ofPublic] of expected) {
    test(`${who}: ${ofPrivate ?? 'nothing'} where it is private, ${ofPublic} where it is public`, () => {
      assert.equal(authorize(identity, { ...cache, isPublic: false }), ofPrivate)
      assert.equal(authorize(identity, { ...cache, isPublic: true }), ofPublic)
    })
  }

  test('a permission includes the lesser ones', () => {
    assert.ok(permits('Admin', 'Read'))
    assert.ok(permits('Write', 'Write'))
    assert.ok(!permits('Read', 'Write'))
    assert.ok(!permits(undefined, 'Read'))
  })
})

function identity(kind: TokenKind, changes: Partial<Identity> = {}): Identity {
  const token = { tokenId: 1, expiresAt: undefined }
  return { accountId: 10, accountName: 'someone', kind, cacheId: undefined, ...token, ...changes }
}
