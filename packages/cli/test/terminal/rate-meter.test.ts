import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateMeter } from '../../src/terminal/rate-meter.ts'

test('the rate is that of the last seconds, not of all time', () => {
  let now = 0
  const meter = new RateMeter(() => now)
  assert.equal(meter.measure(0), 0)
  now = 1000
  assert.equal(meter.measure(500), 500)
  for (now = 2000; now <= 20_000; now += 1000) meter.measure(500 + (now - 1000))
  now = 21_000
  assert.equal(meter.measure(20_500), 1000)
})

test('a start from the beginning is no negative rate', () => {
  let now = 0
  const meter = new RateMeter(() => now)
  now = 100
  meter.measure(1000)
  now = 200
  assert.ok(meter.measure(0) >= 0)
})
