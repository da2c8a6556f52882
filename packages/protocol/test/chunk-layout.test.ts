import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { decodeChunkLayout, encodeChunkLayout } from '../src/chunk-layout.ts'
import type { Pattern } from '../src/cut/hole.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const sizes = { length: 10_000, contentSize: 100_000 }

const pattern: fc.Arbitrary<Pattern> = fc
  .array(fc.tuple(fc.nat(100), fc.nat()), { minLength: 1, maxLength: 30 })
  .map((holes) => {
    let end = 0
    let slots = 0
    return holes.map(([gap, number]) => {
      const offset = end + gap
      const slot = number % (slots + 1)
      end = offset + 32
      if (slot === slots) slots++
      return { offset, slot }
    })
  })

describe('chunk layout', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(pattern, pattern, (pattern, patches) => {
        assert.deepEqual(decodeChunkLayout(encodeChunkLayout({ pattern, patches }), sizes), {
          pattern,
          patches,
        })
      }),
    )
  })

  it('of a chunk without holes is empty', () => {
    const none = { pattern: [], patches: [] }
    assert.equal(encodeChunkLayout(none).length, 0)
    assert.deepEqual(decodeChunkLayout(new Uint8Array(0), sizes), none)
  })

  it('is read from any bytes or its own error thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const layout = parsesOrThrows(() => decodeChunkLayout(bytes, sizes), 'chunk')
        if (layout) assert.deepEqual(encodeChunkLayout(layout), bytes)
      }),
    )
  })

  it('refuses holes outside the chunk and patches outside the frame', () => {
    const hole = [{ offset: 9_990, slot: 0 }]
    const first = [{ offset: 0, slot: 0 }]
    const small = { length: 10_000, contentSize: 10_000 }
    for (const layout of [
      { pattern: hole, patches: first },
      { pattern: first, patches: hole },
    ]) {
      assert.throws(() => decodeChunkLayout(encodeChunkLayout(layout), small), { code: 'chunk' })
    }
  })
})
