import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkRule } from '../../../src/services/oidc/check-rule.ts'
import { parseIssuerPolicy, usualIssuers } from '../../../src/services/oidc/issuer-url.ts'

const github = 'https://token.actions.githubusercontent.com'
const policy = { named: usualIssuers, others: true }

describe('an issuer', () => {
  const claims = { repository: 'me/project' }
  for (const issuer of ['https://gitlab.example.org', 'https://example.org:8443/realms/x', github]) {
    test(`may be ${issuer}`, () => checkRule({ issuer, claims }, policy))
  }
  for (const issuer of [
    'http://gitlab.example.org',
    'http://localhost:1',
    'http://127.0.0.1',
    'ftp://example.org',
    'file:///etc/passwd',
    'https://user:secret@example.org',
    'https://example.org/#x',
    'example.org',
    '',
  ]) {
    test(`may not be ${issuer || 'nothing'}`, () => {
      assert.throws(() => checkRule({ issuer, claims }, policy), { code: 'bad-request' })
    })
  }
  test('may be elsewhere only where the operator allows it', () => {
    const strict = { named: usualIssuers, others: false }
    checkRule({ issuer: github, claims }, strict)
    for (const issuer of [
      'https://gitlab.example.org',
      `${github}:8443`,
      `https://x.githubusercontent.com`,
    ]) {
      assert.throws(() => checkRule({ issuer, claims }, strict), {
        code: 'bad-request',
        message: /does not take identities of https.*--oidc-issuers/,
      })
    }
  })

  test('may be on this machine, in the clear, where the operator has named it', () => {
    const named = parseIssuerPolicy('http://localhost:1,http://127.0.0.1:2,http://[::1]:3')
    assert.ok(named)
    for (const issuer of ['http://localhost:1', 'http://127.0.0.1:2/realms/x', github]) {
      checkRule({ issuer, claims }, named)
    }
    for (const issuer of ['http://localhost:2', 'https://localhost:1']) {
      assert.throws(() => checkRule({ issuer, claims }, named), { code: 'bad-request' })
    }
  })

  test('is named by the operator as an origin, and in the clear on this machine only', () => {
    for (const text of [
      '',
      'example.org',
      'http://example.org',
      'https://example.org/x',
      'https://a:b@example.org',
      'http://localhost.example.org',
    ]) {
      assert.equal(parseIssuerPolicy(text), undefined, text)
    }
  })
})

describe('claims', () => {
  const accepted: readonly Record<string, string>[] = [
    { repository: 'me/project', ref: 'refs/heads/main' },
    { repository: 'me/*' },
    { repository_owner: 'me' },
    { repository_owner_id: '1234' },
    { sub: 'repo:me/project:**' },
    { job_workflow_ref: 'me/workflows/.github/workflows/build.yml@refs/heads/main' },
  ]
  const refused: readonly Record<string, string>[] = [
    {},
    { repository: '*' },
    { repository: '**' },
    { repository: '*/project' },
    { repository: 'm*/project' },
    { repository_owner: '*' },
    { ref: 'refs/heads/main' },
    { sub: 'repo:*' },
    { sub: 'repo:*/project:ref:refs/heads/main' },
    { sub: '**:ref:refs/heads/main' },
    Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`repository${i}`, 'me'])),
  ]
  for (const claims of accepted) {
    test(`of GitHub may be ${JSON.stringify(claims)}`, () => checkRule({ issuer: github, claims }, policy))
  }
  for (const claims of refused) {
    test(`of GitHub may not be ${JSON.stringify(claims).slice(0, 80)}: strangers have them too`, () => {
      for (const issuer of [github, `${github}/`]) {
        assert.throws(() => checkRule({ issuer, claims }, policy), { code: 'bad-request' })
      }
    })
  }
})
