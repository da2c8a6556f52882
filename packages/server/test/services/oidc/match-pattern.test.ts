import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { matchesPattern } from '../../../src/services/oidc/match-pattern.ts'

const cases: readonly [pattern: string, fits: readonly string[], others: readonly string[]][] = [
  [
    'owner/repo',
    ['owner/repo'],
    ['owner/repo2', 'owner/rep', 'Owner/repo', 'xowner/repo', 'owner/repo\n', ''],
  ],
  ['owner/*', ['owner/a', 'owner/'], ['owner/a/b', 'owner2/a', 'owner/a:b', 'owner']],
  ['refs/heads/release-*', ['refs/heads/release-1'], ['refs/heads/release-1/x', 'refs/heads/main']],
  ['refs/**', ['refs/heads/a/b', 'refs/'], ['ref', 'xrefs/heads']],
  ['a*b*c', ['abc', 'a1b2c', 'abbbc'], ['ab', 'a/b/c', 'abcd']],
  ['**', ['', 'a/b:c'], []],
  ['a.c', ['a.c'], ['abc']],
  ['[a-z]?', ['[a-z]?'], ['a', 'ab']],
  ['(a+)+$', ['(a+)+$'], ['aa']],
]

for (const [pattern, fits, others] of cases) {
  test(`${pattern} fits ${fits.join(', ')} and not ${JSON.stringify(others)}`, () => {
    for (const value of fits) assert.ok(matchesPattern(pattern, value), value)
    for (const value of others) assert.ok(!matchesPattern(pattern, value), value)
  })
}

test('without wildcards nothing fits but the text itself', () => {
  const plain = fc.string().filter((text) => !text.includes('*'))
  fc.assert(
    fc.property(
      plain,
      fc.string(),
      (pattern, value) => matchesPattern(pattern, value) === (pattern === value),
    ),
  )
  fc.assert(fc.property(plain, (text) => matchesPattern(text, text)))
})

test('agrees with a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':', '*'), maxLength: 8 })
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':'), maxLength: 8 })
  fc.assert(
    fc.property(text, value, (pattern, value) => {
      const source = pattern.replaceAll(/\*+/g, (stars) => (stars === '*' ? '[^/:]*' : '[\\s\\S]*'))
      return matchesPattern(pattern, value) === new RegExp(`^${source}$`).test(value)
    }),
    { numRuns: 2000 },
  )
})

test('a pattern made to be slow is not', () => {
  assert.ok(!matchesPattern('a*'.repeat(100) + 'b', 'a'.repeat(16_000)))
})
