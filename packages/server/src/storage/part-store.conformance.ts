import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'

import type { PackStore } from './pack-store.ts'
import type { PartStore } from './part-store.ts'

export interface PartStoreUnderTest {
  /** A new, empty store, and where its spools come from; `close` removes all of it. */
  readonly open: () => Promise<{
    store: PartStore
    spools: Pick<PackStore, 'createSpool'>
    reopen: () => Promise<PartStore>
    close: () => Promise<void>
  }>
}

type Opened = Awaited<ReturnType<PartStoreUnderTest['open']>>

const md5 = (digit: string) => digit.repeat(32)

/** What every adapter of the port must do. */
export function describePartStore(name: string, { open }: PartStoreUnderTest): void {
  async function withStore(work: (opened: Opened) => Promise<void>): Promise<void> {
    const opened = await open()
    try {
      await work(opened)
    } finally {
      await opened.close()
    }
  }

  describe(`${name} is a part store`, () => {
    test('parts come in any order, and are found in that of their numbers', () =>
      withStore(async ({ store, spools }) => {
        const id = randomUUID()
        await store.begin(id)
        assert.deepEqual(await store.find(id), [])
        for (const number of [10, 2, 1]) {
          assert.equal(await put({ store, spools }, { id, number, md5: md5('a') }, `part ${number}`), true)
        }
        assert.deepEqual(await contents(store, id), [
          [1, md5('a'), 'part 1', 6],
          [2, md5('a'), 'part 2', 6],
          [10, md5('a'), 'part 10', 7],
        ])
      }))

    test('a part that comes again takes the place of the older one; an empty one is a part', () =>
      withStore(async ({ store, spools }) => {
        const id = randomUUID()
        await store.begin(id)
        await put({ store, spools }, { id, number: 1, md5: md5('a') }, 'old')
        await put({ store, spools }, { id, number: 1, md5: md5('b') }, '')
        assert.deepEqual(await contents(store, id), [[1, md5('b'), '', 0]])
      }))

    test('it is known how much has come of a file, whichever parts were sent again and by whichever server', () =>
      withStore(async ({ store, spools, reopen }) => {
        const id = randomUUID()
        assert.equal(await store.sizeBeside(id, 1), undefined)
        await store.begin(id)
        assert.equal(await store.sizeBeside(id, 1), 0)
        for (const [number, digit, text] of [
          [1, 'a', 'long text'],
          [1, 'b', 'text'],
          [1, 'b', 'text'],
          [3, 'c', 'x'],
        ] as const)
          await put({ store, spools }, { id, number, md5: md5(digit) }, text)
        for (const opened of [store, await reopen()])
          assert.deepEqual(
            await Promise.all([1, 2, 3].map((number) => opened.sizeBeside(id, number))),
            [1, 5, 4],
          )
        await store.end(id)
        assert.equal(await store.sizeBeside(id, 1), undefined)
      }))

    test('of two that come as one part at the same time, one is there', () =>
      withStore(async ({ store, spools }) => {
        const id = randomUUID()
        await store.begin(id)
        const texts = ['a', 'b', 'c', 'd', 'e', 'f']
        await Promise.all(
          texts.map((text) => put({ store, spools }, { id, number: 1, md5: md5(text) }, text)),
        )
        const [only, ...others] = await contents(store, id)
        assert.deepEqual([only?.[1], others], [md5(only?.[2] ?? ''), []])
      }))

    test('parts are still there after a restart', () =>
      withStore(async ({ store, spools, reopen }) => {
        const id = randomUUID()
        await store.begin(id)
        await put({ store, spools }, { id, number: 1, md5: md5('a') }, 'kept')
        const again = await reopen()
        assert.deepEqual(await contents(again, id), [[1, md5('a'), 'kept', 4]])
        assert.deepEqual(await again.ids(), [id])
      }))

    test('a file that was not begun, or is at its end, takes no parts', () =>
      withStore(async ({ store, spools }) => {
        const id = randomUUID()
        assert.equal(await put({ store, spools }, { id, number: 1, md5: md5('a') }, 'x'), false)
        await store.begin(id)
        await put({ store, spools }, { id, number: 1, md5: md5('a') }, 'x')
        await store.end(id)
        await store.end(id)
        assert.equal(await put({ store, spools }, { id, number: 1, md5: md5('a') }, 'x'), false)
        assert.equal(await store.find(id), undefined)
        assert.equal(await store.changedAt(id), undefined)
        assert.deepEqual(await store.ids(), [])
      }))

    test('it is known what was begun, and when it last changed', () =>
      withStore(async ({ store }) => {
        const ids = [randomUUID(), randomUUID()].toSorted()
        for (const id of ids) await store.begin(id)
        assert.deepEqual((await store.ids()).toSorted(), ids)
        assert.ok(Math.abs((await store.changedAt(ids[0]!))! - Date.now()) < 60_000)
      }))

    test('an id that leads elsewhere is an error', () =>
      withStore(async ({ store }) => {
        for (const id of ['', '..', 'a/b', 'A']) await assert.rejects(store.begin(id), TypeError)
      }))
  })
}

async function put(
  { store, spools }: Pick<Opened, 'store' | 'spools'>,
  part: { id: string; number: number; md5: string },
  text: string,
): Promise<boolean> {
  const spool = await spools.createSpool()
  await writeFile(spool.path, text)
  try {
    return await store.put(part, spool)
  } finally {
    await spool.discard()
  }
}

async function contents(store: PartStore, id: string): Promise<[number, string, string, number][]> {
  const parts = (await store.find(id)) ?? assert.fail('It is not there.')
  return Promise.all(
    parts.map(async ({ number, md5, path, size }) => [number, md5, await readFile(path, 'utf8'), size]),
  )
}
