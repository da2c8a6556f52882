import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sparing, spareMemory } from '../src/spare-memory.ts'

function processOf(megabytes: number): {
  collections: number
  size: number
  time: number
  spare: () => void
} {
  const state = { collections: 0, size: megabytes, time: 0, spare: () => {} }
  state.spare = sparing({
    resident: () => state.size * 1e6,
    collect: () => void state.collections++,
    now: () => state.time,
  })
  return state
}

test('a small process does not spend time on collecting', () => {
  const small = processOf(120)
  for (; small.time < 10_000; small.time += 50) small.spare()
  assert.equal(small.collections, 0)
})

test('one that becomes large collects', () => {
  const growing = processOf(120)
  growing.spare()
  growing.size = 210
  growing.time = 250
  growing.spare()
  assert.equal(growing.collections, 1)
})

test('one that stays large collects now and then', () => {
  const large = processOf(300)
  for (; large.time < 10_000; large.time += 10) large.spare()
  assert.equal(large.collections, 10)
})

test('what a thread calls does no harm', () => assert.doesNotThrow(spareMemory))
