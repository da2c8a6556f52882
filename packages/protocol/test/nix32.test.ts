import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { decodeNix32, encodeNix32 } from '../src/nix32.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const sha256OfNothing = Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex')
const alphabet = '0123456789abcdfghijklmnpqrsvwxyz'.split('')

describe('nix32', () => {
  it('spells the hashes Nix spells', () => {
    assert.equal(encodeNix32(sha256OfNothing), '0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73')
    assert.equal(encodeNix32(new Uint8Array(32).fill(255)), `1${'z'.repeat(51)}`)
    assert.equal(encodeNix32(new Uint8Array()), '')
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(decodeNix32(encodeNix32(bytes)), bytes)),
    )
  })

  it('refuses every other spelling of the same bytes', () => {
    const text = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 60 })
    fc.assert(
      fc.property(text, (text) => {
        const bytes = parsesOrThrows(() => decodeNix32(text), 'nix32')
        if (bytes) assert.equal(encodeNix32(bytes), text)
      }),
    )
  })

  it('refuses bits beyond the last byte', () => {
    assert.throws(() => decodeNix32(`2${'0'.repeat(51)}`), { name: 'FormatError', code: 'nix32' })
  })

  for (const char of ['e', 'o', 'u', 't', 'A', '-', ' ', '\n']) {
    it(`refuses the character ${JSON.stringify(char)}`, () => {
      assert.throws(() => decodeNix32(`0${char.repeat(51)}`), { code: 'nix32' })
    })
  }
})
