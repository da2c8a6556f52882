import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseRange } from '../../src/http/byte-range.ts'

const cases: readonly [header: string | null, size: number, expected: ReturnType<typeof parseRange>][] = [
  [null, 10, 'whole'],
  ['', 10, 'whole'],
  ['bytes=0-0', 10, { start: 0, end: 1 }],
  ['bytes=2-5', 10, { start: 2, end: 6 }],
  ['Bytes= 2-5 ', 10, { start: 2, end: 6 }],
  ['bytes=5-', 10, { start: 5, end: 10 }],
  ['bytes=5-99999999999999999999', 10, { start: 5, end: 10 }],
  ['bytes=-3', 10, { start: 7, end: 10 }],
  ['bytes=-30', 10, { start: 0, end: 10 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=10-20', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=5-2', 10, 'whole'],
  ['bytes=1-2,4-5', 10, 'whole'],
  ['bytes=-', 10, 'whole'],
  ['bytes=a-b', 10, 'whole'],
  ['bytes=1', 10, 'whole'],
  ['lines=1-2', 10, 'whole'],
]

for (const [header, size, expected] of cases)
  test(`Range: ${header} of ${size} bytes`, () => assert.deepEqual(parseRange(header, size), expected))

test('a range never leaves the body and is never empty', () => {
  const header = fc.tuple(fc.nat(40), fc.nat(40)).map(([first, last]) => `bytes=${first || ''}-${last || ''}`)
  fc.assert(
    fc.property(header, fc.nat(30), (header, size) => {
      const range = parseRange(header, size)
      if (typeof range === 'string') return
      assert.ok(0 <= range.start && range.start < range.end && range.end <= size)
    }),
  )
})

test('any text is a range or is refused', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, size) => {
      assert.doesNotThrow(() => parseRange(text, size))
    }),
  )
})
