import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { patientBody } from '../../src/runtime/patient-body.ts'

const timedOut = { name: 'CacheError', code: 'timed-out' }

test('a body comes through as it is', async () => {
  const blocks = [Buffer.from('one'), Buffer.alloc(100_000), Buffer.from('two')]
  assert.deepEqual(await buffer(patientBody(from(blocks), 60_000)), Buffer.concat(blocks))
})

test('a body that stalls is given up', async () => {
  await assert.rejects(buffer(patientBody(stalling(), 20)), timedOut)
})

test('a body that drips is given up, although no block of it is late', async () => {
  await assert.rejects(buffer(patientBody(dripping(5), 100)), timedOut)
})

test('a reader that takes its time is not the fault of the sender', async () => {
  let size = 0
  for await (const block of patientBody(from([Buffer.alloc(1), Buffer.alloc(1), Buffer.alloc(1)]), 20)) {
    await pause(30)
    size += block.length
  }
  assert.equal(size, 3)
})

test('a reader that stops early lets go of the body', async () => {
  let isOver = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(1)
    } finally {
      isOver = true
    }
  }
  for await (const block of patientBody(endless(), 60_000)) if (block.length > 0) break
  assert.equal(isOver, true)
})

async function* from(blocks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* blocks
}

async function* stalling(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun')
  await new Promise(() => undefined)
}

async function* dripping(everyMs: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    await pause(everyMs)
    yield Buffer.from('x')
  }
}
