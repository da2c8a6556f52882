import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenOf } from '../../src/http/request-token.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

const cases: readonly [what: string, header: string | null, token: string | undefined][] = [
  ['no header', null, undefined],
  ['a bearer', 'Bearer abc.def', 'abc.def'],
  ['a bearer in another case', 'bearer abc', 'abc'],
  ['an empty bearer', 'Bearer ', undefined],
  ['an empty bearer as Node shows it', 'Bearer', undefined],
  ['the password of a login without a user', basic(':abc'), 'abc'],
  ['the password of a login with any user', basic('somebody:abc'), 'abc'],
  ['a password with a colon', basic('a:b:c'), 'b:c'],
  ['an empty password', basic('user:'), undefined],
  ['a login without a password', basic('user'), undefined],
  ['a login that is not base64', 'Basic ???', undefined],
  ['another scheme', 'Digest abc', undefined],
]

for (const [what, header, token] of cases)
  test(`the token of ${what}`, () => assert.equal(tokenOf(header), token))
