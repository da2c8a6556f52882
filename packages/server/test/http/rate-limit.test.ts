import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateLimit } from '../../src/http/rate-limit.ts'

test("twenty seconds' worth may come at once, then one after the other", () => {
  const limit = new RateLimit(10)
  for (let count = 0; count < 200; count++) assert.equal(limit.take('a', 1000), 0)
  assert.equal(limit.take('a', 1000), 1)
  assert.equal(limit.take('a', 1099), 1)
  assert.equal(limit.take('a', 1100), 0)
  assert.equal(limit.take('a', 1100), 1)
})

test('the burst is whole whatever the fractions of the moment', () => {
  for (let i = 0; i < 10_000; i++) {
    const now = i * 1234.5678901
    assert.equal(new RateLimit(0.05).take('a', now), 0, `at ${now}`)
    const limit = new RateLimit(1)
    for (let count = 0; count < 20; count++) assert.equal(limit.take('a', now), 0, `${count} at ${now}`)
    assert.equal(limit.take('a', now), 1)
  }
})

test('a steady sender at that rate is never refused', () => {
  const limit = new RateLimit(10)
  for (let now = 0; now < 1_000_000; now += 100) assert.equal(limit.take('a', now), 0)
})

test('who was refused and waits as long as was said goes on', () => {
  const limit = new RateLimit(0.05)
  assert.equal(limit.take('a', 0), 0)
  const wait = limit.take('a', 1)
  assert.equal(wait, 20)
  assert.equal(limit.take('a', 1 + wait * 1000), 0)
})

test('one sender does not count against another, and any number of them is remembered in bounded memory', () => {
  const limit = new RateLimit(0.05)
  for (let sender = 0; sender < 100_000; sender++) assert.equal(limit.take(`sender ${sender}`, 0), 0)
  assert.equal(limit.take('sender 99999', 0), 20)
  assert.equal(limit.take('sender 0', 0), 0)
})
