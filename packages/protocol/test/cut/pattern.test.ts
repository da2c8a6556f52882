import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { blankHoles, countSlots, fillHoles } from '../../src/cut/hole.ts'
import type { Hole } from '../../src/cut/hole.ts'
import { NarCutter } from '../../src/cut/nar-cutter.ts'
import { checkPattern, decodePattern, encodePattern } from '../../src/cut/pattern.ts'
import { parsesOrThrows } from '../parses-or-throws.ts'

const a = 'a'.repeat(32)
const b = 'b'.repeat(32)
const gapAndSlot = fc.tuple(fc.oneof(fc.nat(300), fc.nat(100_000)), fc.nat())

const anyPattern = fc.array(gapAndSlot, { maxLength: 300 }).map((gaps) => {
  const pattern: Hole[] = []
  let end = 0
  for (const [gap, number] of gaps) {
    pattern.push({ offset: end + gap, slot: number % (countSlots(pattern) + 1) })
    end += gap + 32
  }
  return { pattern, end }
})

describe('pattern', () => {
  it('is the worked example', () => {
    const text = `see ${a}-a, ${b}-b and ${a}/x\n`
    const cutter = new NarCutter([b, a])
    cutter.write(Buffer.from(text))
    const [chunk] = cutter.end()
    assert.equal(text.length, 114)
    assert.deepEqual(chunk!.hashes, [a, b])
    assert.equal(Buffer.from(encodePattern(chunk!.pattern)).toString('hex'), '0103040004010700')
  })

  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(anyPattern, ({ pattern, end }) => {
        assert.deepEqual(decodePattern(encodePattern(pattern), end), pattern)
      }),
    )
  })

  it('is read from any bytes or its own error thrown', () => {
    const byte = fc.oneof(fc.nat(4), fc.nat(255))
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), fc.nat(600), (rest, size) => {
        const bytes = Uint8Array.of(1, ...rest)
        const pattern = parsesOrThrows(() => decodePattern(bytes, size), 'chunk')
        if (pattern) assert.deepEqual(encodePattern(pattern), bytes)
      }),
      { numRuns: 2000 },
    )
  })

  for (const [defect, bytes] of [
    ['another version', [2, 0]],
    ['nothing', []],
    ['no count', [1]],
    ['a hole too few', [1, 2, 0, 0]],
    ['a hole too many', [1, 0, 0, 0]],
    ['half a hole', [1, 1, 0]],
    ['half a number', [1, 1, 0, 0x80]],
    ['a number that is longer than need be', [1, 1, 0x80, 0, 0]],
    ['a number that is too large', [1, 1, 0xff, 0xff, 0xff, 0xff, 1, 0]],
    ['a slot out of turn', [1, 1, 0, 1]],
    ['a hole that is partly outside', [1, 1, 69, 0]],
  ] as const) {
    it(`is refused with ${defect}`, () => {
      assert.throws(() => decodePattern(Uint8Array.from(bytes), 100), { name: 'FormatError', code: 'chunk' })
    })
  }

  for (const [defect, pattern] of [
    [
      'overlapping',
      [
        { offset: 0, slot: 0 },
        { offset: 31, slot: 0 },
      ],
    ],
    [
      'out of order',
      [
        { offset: 50, slot: 0 },
        { offset: 0, slot: 0 },
      ],
    ],
    ['before the start', [{ offset: -1, slot: 0 }]],
    ['broken', [{ offset: 0.5, slot: 0 }]],
    ['without a number', [{ offset: Number.NaN, slot: 0 }]],
    ['with a negative slot', [{ offset: 0, slot: -1 }]],
  ] as const) {
    it(`is refused with holes ${defect}`, () => {
      assert.throws(() => checkPattern(pattern, 100), { name: 'FormatError', code: 'chunk' })
    })
  }

  it('is filled and blanked in place', () => {
    const pattern = [
      { offset: 1, slot: 0 },
      { offset: 40, slot: 1 },
    ]
    const bytes = new Uint8Array(80).fill(46)
    fillHoles(bytes, pattern, [a, Buffer.from(b)])
    assert.equal(Buffer.from(bytes).toString(), `.${a}.......${b}........`)
    blankHoles(bytes, pattern)
    assert.equal(bytes.filter((byte) => byte === 0).length, 64)
  })

  it('is not filled with too little', () => {
    for (const hashes of [[], [a.slice(1)]]) {
      assert.throws(() => fillHoles(new Uint8Array(80), [{ offset: 0, slot: 0 }], hashes), { code: 'chunk' })
    }
  })
})
