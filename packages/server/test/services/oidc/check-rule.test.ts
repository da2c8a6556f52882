import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkRule } from '../../../src/services/oidc/check-rule.ts'

const github = 'https://token.actions.githubusercontent.com'
const policy = { allowLoopback: false }

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
  test('may be on this machine where the service is for this machine', () => {
    for (const issuer of ['http://localhost:1', 'http://127.0.0.1:2', 'http://[::1]:3']) {
      checkRule({ issuer, claims }, { allowLoopback: true })
    }
    for (const issuer of ['http://localhost.example.org', 'http://10.0.0.1']) {
      assert.throws(() => checkRule({ issuer, claims }, { allowLoopback: true }), { code: 'bad-request' })
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
