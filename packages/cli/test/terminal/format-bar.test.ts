import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatBar } from '../../src/terminal/format-bar.ts'

const half = { label: 'hello-2.12', done: 50_000_000, total: 100_000_000, rate: 10_000_000 }

test('a bar shows share, size, rate and time left', () => {
  assert.equal(
    formatBar(half, 79),
    'hello-2.12                  ███████░░░░░░░  50%  100 MB    10 MB/s    0:05 left',
  )
})

test('a narrow terminal gets less', () => {
  assert.equal(formatBar(half, 45), 'hello-2.12      ████████░░░░░░░░  50%  100 MB')
  assert.match(formatBar(half, 24), /^hello-2.12 .* 50%$/)
})

test('times are told in hours where it takes that long', () => {
  assert.match(formatBar({ ...half, total: 100_000_000_000 }, 100), / 2:46:35 left$/)
  assert.match(formatBar({ ...half, rate: 0 }, 100), / -:-- left$/)
})

test('a bar is never wider than the terminal', () => {
  const size = fc.nat(2 ** 50)
  const state = fc.record({
    label: fc.string({ unit: 'grapheme-ascii' }),
    done: size,
    total: size,
    rate: size,
  })
  fc.assert(
    fc.property(state, fc.integer({ min: 1, max: 200 }), (bar, width) => {
      assert.ok(formatBar(bar, width).length <= width)
    }),
  )
})
