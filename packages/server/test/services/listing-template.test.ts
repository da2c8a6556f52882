import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import * as fc from 'fast-check'

import { blankListing, fillListing } from '../../src/services/listing-template.ts'

const a = 'a'.repeat(32)
const b = 'b'.repeat(32)
const pieces = fc.constantFrom(a, b, 'c'.repeat(32), 'a', 'b', '/nix/store/', '0;', '"', '\n')

function text(x: string, y: string): string {
  return `{"target":"/nix/store/${x}-x/y","other":"/nix/store/${y}","${x}-z":0}`
}

describe('The template of a listing', () => {
  test('has no store hash left, and is the same for other hashes', () => {
    const blanked = blankListing(text(a, b), new Set([b, a]))
    assert.deepEqual(blanked.hashes, [a, b])
    assert.ok(!blanked.template.includes(a) && !blanked.template.includes(b))
    const rebuilt = blankListing(text(b, a), new Set([a, b]))
    assert.equal(rebuilt.template, blanked.template)
    assert.equal(fillListing(rebuilt), text(b, a))
  })

  test('filled is the text it was made of', () => {
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const text = parts.join('')
        assert.equal(fillListing(blankListing(text, new Set([a, b]))), text)
      }),
    )
  })
})
