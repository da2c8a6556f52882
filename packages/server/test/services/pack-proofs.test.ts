import assert from 'node:assert/strict'
import {
  appendFile,
  link,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { PackProofs } from '../../src/services/pack-proofs.ts'
import { createNarWorkers } from '../../src/services/workers/nar-workers.ts'
import type { NarWorkers } from '../../src/services/workers/nar-workers.ts'
import { openDiskPackStore } from '../../src/storage/disk-pack-store.ts'
import type { PackStore } from '../../src/storage/pack-store.ts'
import { ProofFile } from '../../src/storage/proof-file.ts'
import { sha256 } from './sample-nar.ts'

/** To the second, so that it can be set again exactly. */
const longAgo = 1_000_000_000
const limits = { maxNarSize: 1_000_000, maxListingSize: 1_000_000 }

describe('What is known about packs', () => {
  let directory = ''
  let workers: NarWorkers
  /** Packs, each time one was read to find out. */
  let read: string[] = []
  let packs: PackStore
  let record: ProofFile
  let proofs: PackProofs
  before(() => void (workers = createNarWorkers({ threads: 1, limits })))
  after(() => workers.close())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'proofs-'))
    await start()
  })
  afterEach(async () => {
    await proofs.close()
    await rm(directory, { recursive: true })
  })

  const readWorkers: NarWorkers = {
    run(name, task, signal) {
      if ('name' in task && typeof task.name === 'string') read.push(task.name)
      return workers.run(name, task, signal)
    },
    prepare: () => assert.fail(),
    close: () => assert.fail(),
  }

  async function start(): Promise<void> {
    const store = await openDiskPackStore(directory)
    record = new ProofFile(directory, fail)
    proofs = await PackProofs.remembered(record, store)
    packs = proofs.trusting(store)
    read = []
  }

  async function restart(meanwhile?: () => Promise<void>): Promise<void> {
    await proofs.close()
    await meanwhile?.()
    await start()
  }

  async function put(text: string): Promise<{ name: string; path: string }> {
    const name = sha256(Buffer.from(text))
    const spool = await packs.createSpool()
    await writeFile(spool.path, text)
    await utimes(spool.path, longAgo, longAgo)
    await packs.put(name, spool)
    return { name, path: (await packs.open(name))!.path! }
  }

  async function isHeld(name: string): Promise<boolean> {
    return proofs.holds({ packs, readWorkers }, name, (await packs.open(name))!)
  }

  const file = () => join(directory, 'proven-packs')
  const lines = async () => (await readFile(file(), 'latin1')).split('\n').slice(0, -1)
  const namesInFile = async () => (await lines()).map((line) => line.slice(0, 64)).sort()

  test('is known after a restart of a pack that was stored before it', async () => {
    const { name } = await put('stored')
    await restart()
    assert.equal(await isHeld(name), true)
    await restart()
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [])
  })

  test('is known after a restart of a pack that was read before it', async () => {
    const { name } = await put('read')
    await restart(() => rm(file()))
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [name])
    await restart()
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [])
  })

  test('is known after the process was killed', async () => {
    const { name } = await put('killed')
    await record.settled()
    await start()
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [])
  })

  test('is found out anew of a pack that was altered meanwhile, though its size and time are as before', async () => {
    const { name, path } = await put('altered')
    const { version } = (await packs.open(name))!
    await restart(() => alterUnseen(path))
    assert.equal((await packs.open(name))!.version, version)
    assert.equal(await isHeld(name), false)
    assert.deepEqual(read, [name])
    await restart()
    assert.equal(await isHeld(name), false)
    assert.deepEqual(read, [name])
  })

  test('is found out anew once of a pack that a backup linked to, after a restart only', async () => {
    const { name, path } = await put('linked')
    await link(path, join(directory, 'backup'))
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [])
    await restart()
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [name])
    await restart()
    assert.equal(await isHeld(name), true)
    assert.deepEqual(read, [])
  })

  test('leaves the file with the pack', async () => {
    const [removed, kept] = [await put('removed'), await put('kept')]
    await packs.delete(removed.name)
    await restart()
    assert.deepEqual(await namesInFile(), [kept.name])
  })

  test('leaves the file when the pack was removed by another process', async () => {
    const [removed, kept] = [await put('removed'), await put('kept')]
    await restart(() => rm(removed.path))
    await proofs.close()
    assert.deepEqual(await namesInFile(), [kept.name])
  })

  test('leaves the file when the pack is damaged', async () => {
    const { name, path } = await put('damaged')
    await truncate(path, 3)
    assert.equal(await isHeld(name), false)
    await proofs.close()
    assert.deepEqual(await lines(), [])
  })

  test('is forgotten where the file is torn, and only there', async () => {
    const [whole, torn] = [await put('whole'), await put('torn')]
    await restart(async () => truncate(file(), (await stat(file())).size - 5))
    assert.equal(await isHeld(whole.name), true)
    assert.equal(await isHeld(torn.name), true)
    assert.deepEqual(read, [torn.name])
  })

  test('is added to a file that is torn', async () => {
    await appendFile(file(), 'f'.repeat(70))
    const [first, second] = [await put('first'), await put('second')]
    await restart()
    assert.equal(await isHeld(first.name), true)
    assert.equal(await isHeld(second.name), true)
    assert.deepEqual(read, [])
  })

  for (const [what, content] of [
    ['nothing', ''],
    ['zeros', Buffer.alloc(10_000)],
    ['lines of something else', `${'0'.repeat(64)} 1 2 3 4\nhello\n\n${'x'.repeat(64)} 1 2 3 4\n`],
  ] as const) {
    test(`is forgotten where the file is ${what}`, async () => {
      const { name } = await put('forgotten')
      await restart(() => writeFile(file(), content))
      assert.equal(await isHeld(name), true)
      assert.deepEqual(read, [name])
      await proofs.close()
      assert.deepEqual(await namesInFile(), [name])
    })
  }

  test('takes no more lines than twice the packs, and some', async () => {
    const { name } = await put('again')
    const pack = (await packs.open(name))!
    for (let i = 0; i < 3_000; i++) {
      await proofs.holds({ packs, readWorkers: allIntact }, name, { ...pack, version: `${i}` })
      if (i % 100 > 0) continue
      await record.settled()
      assert.ok((await lines()).length <= 1_103)
    }
  })
})

const allIntact: NarWorkers = {
  run: () => Promise.resolve({ isIntact: true, wrongChunks: [] } as never),
  prepare: () => assert.fail(),
  close: () => assert.fail(),
}

/** Writes another byte, and sets the modification time back. */
async function alterUnseen(path: string): Promise<void> {
  const file = await open(path, 'r+')
  await file.write('X', 0)
  await file.close()
  await utimes(path, longAgo, longAgo)
}

function fail(error: unknown): never {
  throw error
}
