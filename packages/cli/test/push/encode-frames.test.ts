import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { FrameSplitter } from '@cachix/protocol'
import { cutFrames } from '../../src/push/cut-frames.ts'
import { encodeFrames } from '../../src/push/encode-frames.ts'
import { Slots } from '../../src/push/slots.ts'

async function* streamOf(blocks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const block of blocks) yield await Promise.resolve(block)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function assertAllFree(slots: Slots, count: number): Promise<void> {
  for (let i = 0; i < count; i++) assert.ok(slots.tryAcquire())
  assert.ok(!slots.tryAcquire())
}

test('a stream in blocks of any size is cut into pieces of one size', async () => {
  const bytes = randomBytes(10_000)
  for (const blockSize of [1, 999, 1000, 1001, 5000, 10_000]) {
    const blocks = Array.from({ length: Math.ceil(10_000 / blockSize) }, (_, i) =>
      bytes.subarray(i * blockSize, (i + 1) * blockSize),
    )
    const pieces = await collect(cutFrames(streamOf(blocks), 1000))
    assert.equal(pieces.length, 10)
    assert.ok(pieces.every((piece) => piece.length === 1000))
    assert.ok(Buffer.concat(pieces).equals(bytes))
  }
  assert.deepEqual(await collect(cutFrames(streamOf([]), 1000)), [])
  const short = await collect(cutFrames(streamOf([bytes.subarray(0, 1500)]), 1000))
  assert.deepEqual(
    short.map((piece) => piece.length),
    [1000, 500],
  )
})

test('every frame states its content size and holds its block, in order, at every level', async () => {
  const blocks = [Buffer.alloc(1 << 20, 'abc'), randomBytes(1 << 20), Buffer.from('x'), Buffer.alloc(300, 1)]
  for (const level of [0, 1, 3, 9, 16]) {
    const slots = new Slots(2)
    const frames = await collect(encodeFrames(streamOf(blocks), { level, slots }))
    const splitter = new FrameSplitter({ maxFrameBytes: 2 << 20, maxContentBytes: 1 << 20 })
    const split = splitter.write(Buffer.concat(frames))
    splitter.end()
    assert.deepEqual(
      split.map((frame) => frame.contentSize),
      blocks.map((block) => block.length),
    )
    for (const [i, block] of blocks.entries()) assert.ok(zstdDecompressSync(frames[i]!).equals(block))
    await assertAllFree(slots, 2)
  }
})

test('several streams share the slots, however few, without waiting for each other for ever', async () => {
  const slots = new Slots(3)
  const blocks = Array.from({ length: 20 }, (_, i) => Buffer.alloc(5000, i))
  const streams = Array.from({ length: 8 }, () =>
    collect(encodeFrames(streamOf(blocks), { level: 1, slots })),
  )
  for (const frames of await Promise.all(streams)) {
    assert.ok(Buffer.concat(frames.map((frame) => zstdDecompressSync(frame))).equals(Buffer.concat(blocks)))
  }
  await assertAllFree(slots, 3)
})

test('a reader that stops and a source that fails give their slots back', async () => {
  const slots = new Slots(4)
  const blocks = Array.from({ length: 10 }, () => Buffer.alloc(5000))
  for await (const frame of encodeFrames(streamOf(blocks), { level: 1, slots })) if (frame.length > 0) break
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield* streamOf(blocks)
    throw new Error('the source failed')
  }
  await assert.rejects(collect(encodeFrames(failing(), { level: 1, slots })), /the source failed/)
  await assertAllFree(slots, 4)
})

test('no more is read than there are slots for', async () => {
  let read = 0
  async function* counting(): AsyncGenerator<Uint8Array> {
    for (; read < 100; read++) yield await Promise.resolve(Buffer.alloc(1000))
  }
  const frames = encodeFrames(counting(), { level: 1, slots: new Slots(5) })
  await frames.next()
  assert.ok(read <= 6, `${read} blocks were read`)
  await frames.return()
})
