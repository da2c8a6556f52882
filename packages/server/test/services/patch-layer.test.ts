import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import * as fc from 'fast-check'

import { PatchLayer } from '../../src/services/patch-layer.ts'

const size = 1_000

const patches = fc.array(fc.tuple(fc.nat(100), fc.constantFrom('a', 'b', 'c'))).map((gaps) => {
  let end = -31
  return gaps.map(([gap, letter]) => {
    const offset = end + gap
    end = offset + 32
    return { offset, hash: letter.repeat(32) }
  })
})

describe('Patches', () => {
  test('are laid over a file in blocks of any size, as far as they are in it', () => {
    fc.assert(
      fc.property(patches, fc.array(fc.integer({ min: 1, max: 200 })), (patches, lengths) => {
        const expected = Buffer.alloc(size, '.')
        for (const { offset, hash } of patches) {
          for (let i = 0; i < 32; i++) {
            if (offset + i >= 0 && offset + i < size) expected.write(hash.charAt(i), offset + i)
          }
        }
        const layer = new PatchLayer(patches)
        const file = Buffer.alloc(size, '.')
        let at = 0
        for (const length of [...lengths, size]) {
          layer.lay(file.subarray(at, at + length))
          at = Math.min(at + length, size)
        }
        assert.equal(file.toString(), expected.toString())
      }),
    )
  })
})
