import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  canonicalSha256,
  isSha256Hex,
  parseHash,
  renderHash,
  sha256FromHex,
  sha256ToHex,
} from '../src/hash.ts'
import { goldenNames, goldenText } from './golden.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

describe('hash', () => {
  for (const name of goldenNames('hashes', '')) {
    const algorithm = name.slice('hashes/'.length)
    const [hex = '', nix32 = '', base64 = '', sri = ''] = goldenText(name).split('\n')
    const spellings = {
      hex: `${algorithm}:${hex}`,
      nix32: `${algorithm}:${nix32}`,
      base64: `${algorithm}:${base64}`,
      sri,
    }

    for (const [spelling, text] of Object.entries(spellings)) {
      it(`reads ${algorithm} spelled as ${spelling} by Nix`, () => {
        const hash = parseHash(text)
        assert.equal(hash.algorithm, algorithm)
        assert.equal(Buffer.from(hash.bytes).toString('hex'), hex)
        assert.equal(renderHash(hash), `${algorithm}:${nix32}`)
      })
    }
  }

  it('takes upper-case hex digits', () => {
    const hex = 'AB'.repeat(32)
    assert.equal(sha256ToHex(`sha256:${hex}`), hex.toLowerCase())
  })

  it('converts SHA-256 between hex without a prefix and the spelling of narinfos', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, (bytes) => {
        const hex = Buffer.from(bytes).toString('hex')
        assert.ok(isSha256Hex(hex))
        assert.match(sha256FromHex(hex), /^sha256:[0-9a-z]{52}$/)
        assert.equal(sha256ToHex(sha256FromHex(hex)), hex)
        assert.equal(canonicalSha256(`sha256-${Buffer.from(bytes).toString('base64')}`), sha256FromHex(hex))
      }),
    )
  })

  const sri = `sha256-${Buffer.alloc(32).toString('base64')}`
  const bad = {
    'no algorithm': '0'.repeat(52),
    'an unknown algorithm': `md6:${'0'.repeat(52)}`,
    "the name of an object's own method": 'constructor:00',
    'a length no spelling has': `sha256:${'0'.repeat(51)}`,
    'hex after a hyphen': `sha256-${'0'.repeat(64)}`,
    'base64 without padding': sri.slice(0, -1),
    'base64 with stray bits': `${sri.slice(0, -2)}B=`,
    'a line break at the end': `${sri}\n`,
    'a letter that is no hex digit': `sha256:${'0'.repeat(63)}g`,
    'bits beyond 256': `sha256:2${'0'.repeat(51)}`,
  }
  for (const [what, text] of Object.entries(bad)) {
    it(`refuses ${what}`, () => assert.throws(() => parseHash(text), { name: 'FormatError', code: 'hash' }))
  }

  it('refuses other algorithms where a SHA-256 is wanted', () => {
    assert.throws(() => canonicalSha256(`sha1:${'0'.repeat(32)}`), { code: 'hash' })
    assert.throws(() => sha256FromHex('0'.repeat(52)), { code: 'hash' })
  })

  it('reads any text or throws its own error', () => {
    const start = fc.constantFrom('', 'sha256:', 'sha256-', 'md5:')
    const digits = fc.oneof(fc.string(), fc.base64String(), fc.base64String({ minLength: 44, maxLength: 44 }))
    fc.assert(
      fc.property(start, digits, (start, digits) => {
        const hash = parsesOrThrows(() => parseHash(start + digits), 'hash')
        if (hash) assert.deepEqual(parseHash(renderHash(hash)), hash)
      }),
    )
  })
})
