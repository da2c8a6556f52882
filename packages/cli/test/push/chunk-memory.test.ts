import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChunkMemory } from '../../src/push/cut/chunk-memory.ts'

test('memory of a chunk that is done with serves the next of about its size', () => {
  const memory = new ChunkMemory()
  const first = memory.allocate(300_000)
  memory.release(first)
  const second = memory.allocate(310_000)
  assert.equal(second.buffer, first.buffer)
  assert.equal(second.length, 310_000)
  assert.notEqual(memory.allocate(310_000).buffer, first.buffer)
})

test('what is kept for later chunks is bounded', () => {
  const memory = new ChunkMemory()
  const chunks = Array.from({ length: 40 }, () => memory.allocate(1024 ** 2))
  for (const chunk of chunks) memory.release(chunk)
  const again = new Set(Array.from(chunks, () => memory.allocate(1024 ** 2).buffer))
  assert.equal(chunks.filter(({ buffer }) => again.has(buffer)).length, 12)
})
