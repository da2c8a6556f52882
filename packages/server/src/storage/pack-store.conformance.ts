import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'

import type { PackStore } from './pack-store.ts'

export interface PackStoreUnderTest {
  /** A new, empty store; `close` removes all of it. */
  readonly open: () => Promise<{ store: PackStore; close: () => Promise<void> }>
}

/** What every adapter of the port must do. */
export function describePackStore(name: string, { open }: PackStoreUnderTest): void {
  async function withStore(work: (store: PackStore) => Promise<void>): Promise<void> {
    const { store, close } = await open()
    try {
      await work(store)
    } finally {
      await close()
    }
  }

  describe(`${name} is a pack store`, () => {
    test('a pack that was put is read back, whole and in part', () =>
      withStore(async (store) => {
        const { name, bytes } = await putPack(store, 'some bytes of a pack')
        const pack = await store.open(name)
        assert.equal(pack?.size, bytes.length)
        assert.ok(Math.abs(pack.storedAt - Date.now()) < 60_000)
        assert.deepEqual(await buffer(pack.read(0, bytes.length)), bytes)
        assert.deepEqual(await buffer(pack.read(5, 10)), bytes.subarray(5, 10))
        assert.deepEqual(await buffer(pack.read(7, 7)), Buffer.alloc(0))
        assert.deepEqual(Buffer.from(await pack.readFew(5, 10)), bytes.subarray(5, 10))
        assert.deepEqual(await pack.readFew(7, 7), new Uint8Array(0))
        assert.deepEqual(Buffer.from(await pack.readFew(15, 99)), bytes.subarray(15))
      }))

    test('a large pack is read in more than one piece', () =>
      withStore(async (store) => {
        const { name, bytes } = await putPack(store, 'x'.repeat(3_000_000))
        const pack = await store.open(name)
        assert.deepEqual(await buffer(pack!.read(1, bytes.length)), bytes.subarray(1))
      }))

    test('a pack that was never put is undefined', () =>
      withStore(async (store) => {
        assert.equal(await store.open(nameOf(Buffer.from('nothing'))), undefined)
      }))

    test('a name that is no SHA-256 is refused', () =>
      withStore(async (store) => {
        await assert.rejects(store.open('../../etc/passwd'), TypeError)
        await assert.rejects(store.delete(''), TypeError)
      }))

    test('putting a pack again changes nothing', () =>
      withStore(async (store) => {
        const { name, bytes } = await putPack(store, 'twice')
        await putPack(store, 'twice')
        assert.deepEqual(await buffer((await store.open(name))!.read(0, bytes.length)), bytes)
        assert.deepEqual(await namesIn(store), [name])
      }))

    test('one pack put by many at once is there once', () =>
      withStore(async (store) => {
        const put = await Promise.all(Array.from({ length: 8 }, () => putPack(store, 'together')))
        assert.deepEqual(await namesIn(store), [put[0]!.name])
      }))

    test('a spool that is discarded leaves nothing', () =>
      withStore(async (store) => {
        const spool = await store.createSpool()
        await writeFile(spool.path, 'half of something')
        await spool.discard()
        await assert.rejects(stat(spool.path), { code: 'ENOENT' })
        await spool.discard()
        assert.deepEqual(await namesIn(store), [])
      }))

    test('discarding a spool after it was put does not touch the pack', () =>
      withStore(async (store) => {
        const { name, spool } = await putPack(store, 'kept')
        await spool.discard()
        assert.equal((await store.open(name))?.size, 4)
      }))

    test('a deleted pack is gone, and deleting it again is fine', () =>
      withStore(async (store) => {
        const { name } = await putPack(store, 'short lived')
        await store.delete(name)
        await store.delete(name)
        assert.equal(await store.open(name), undefined)
        assert.deepEqual(await namesIn(store), [])
      }))

    test('every pack is listed', () =>
      withStore(async (store) => {
        const put = await Promise.all(['a', 'b', 'c', 'd'].map((text) => putPack(store, text)))
        assert.deepEqual(await namesIn(store), put.map((pack) => pack.name).sort())
      }))
  })
}

async function putPack(store: PackStore, text: string) {
  const bytes = Buffer.from(text)
  const name = nameOf(bytes)
  const spool = await store.createSpool()
  await writeFile(spool.path, bytes)
  await store.put(name, spool)
  return { name, bytes, spool }
}

async function namesIn(store: PackStore): Promise<string[]> {
  const names: string[] = []
  for await (const name of store.list()) names.push(name)
  return names.sort()
}

function nameOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
