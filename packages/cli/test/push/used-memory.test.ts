import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsedMemory } from '../../src/push/cut/used-memory.ts'

const step = 128 * 1024

test('memory that is done with serves the next of about its size', () => {
  const memory = new UsedMemory(step)
  const first = memory.allocate(300_000)
  memory.release(first.buffer)
  const second = memory.allocate(310_000)
  assert.equal(second.buffer, first.buffer)
  assert.equal(second.length, 310_000)
  assert.notEqual(memory.allocate(310_000).buffer, first.buffer)
})

test('what is kept is bounded', () => {
  const memory = new UsedMemory(step)
  const chunks = Array.from({ length: 40 }, () => memory.allocate(1024 ** 2))
  for (const chunk of chunks) memory.release(chunk.buffer)
  const again = new Set(Array.from(chunks, () => memory.allocate(1024 ** 2).buffer))
  assert.equal(chunks.filter(({ buffer }) => again.has(buffer)).length, 12)
})

test('memory from elsewhere, which would not fit again, is not kept', () => {
  const memory = new UsedMemory(step)
  for (let i = 0; i < 40; i++) memory.release(new ArrayBuffer(step * 8 + 1))
  const chunk = memory.allocate(1024 ** 2)
  memory.release(chunk.buffer)
  assert.equal(memory.allocate(1024 ** 2).buffer, chunk.buffer)
})
