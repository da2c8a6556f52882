import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PathCreate, PathOutcome } from '@cachix/api'
import { Publisher } from '../../src/push/publisher.ts'

function path(index: number, narSize = 1): PathCreate {
  return { storePath: `p${index}`, narHash: '', narSize, references: [], recipe: '' }
}

const limits = { bytes: 1_000_000, narBytes: 1_000_000 }

test('what comes while a batch is under way makes the next, in order', async () => {
  const batches: string[][] = []
  const publisher = new Publisher(async (batch) => {
    batches.push(batch.map(({ storePath }) => storePath))
    if (batches.length === 1) void publisher.publish(path(3))
    await new Promise((resolve) => setImmediate(resolve))
    return batch.map(() => ({ outcome: 'published' as const }))
  }, limits)
  await Promise.all([1, 2].map((index) => publisher.publish(path(index))))
  await publisher.publish(path(4))
  assert.deepEqual(batches, [
    ['p1', 'p2'],
    ['p3', 'p4'],
  ])
})

test('a batch has at most a thousand paths, and as many bytes as allowed unless one path alone has more', async () => {
  const sizes: number[] = []
  const publish = async (batch: readonly PathCreate[]): Promise<PathOutcome[]> => {
    sizes.push(batch.length)
    return await Promise.resolve(batch.map(() => ({ outcome: 'published' })))
  }
  const many = new Publisher(publish, limits)
  await Promise.all(Array.from({ length: 2500 }, (_, i) => many.publish(path(i))))
  assert.deepEqual(sizes.splice(0), [1000, 1000, 500])
  const large = new Publisher(publish, limits)
  await Promise.all([2_000_000, 1, 600_000, 600_000].map((size, i) => large.publish(path(i, size))))
  assert.deepEqual(sizes.splice(0), [1, 2, 1])
  const long = new Publisher(publish, { ...limits, bytes: 200 })
  await Promise.all([1, 2, 3].map((index) => long.publish(path(index))))
  assert.deepEqual(sizes, [2, 1])
})

test('each hears what became of it; a batch that fails does not stop the next', async () => {
  let count = 0
  const publisher = new Publisher(async (batch) => {
    await Promise.resolve()
    if (count++ === 0) throw new Error('lost')
    return batch.slice(1).map(() => ({ outcome: 'failed' as const, code: 'conflict' }))
  }, limits)
  await assert.rejects(publisher.publish(path(1)), /lost/)
  const [second, third] = await Promise.all([publisher.publish(path(2)), publisher.publish(path(3))])
  assert.equal(second.code, 'conflict')
  assert.equal(third.outcome, 'failed')
})
