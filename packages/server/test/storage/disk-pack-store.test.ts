import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'

import { openDiskPackStore } from '../../src/storage/disk-pack-store.ts'
import { describePackStore } from '../../src/storage/pack-store.conformance.ts'

describePackStore('A directory', {
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'packs-'))
    const store = await openDiskPackStore(join(directory, 'not', 'yet', 'there'))
    return { store, close: () => rm(directory, { recursive: true }) }
  },
})

describe('Packs in a directory', () => {
  let directory = ''
  before(async () => void (directory = await mkdtemp(join(tmpdir(), 'packs-'))))
  after(() => rm(directory, { recursive: true }))

  const bytes = Buffer.from('a pack')
  const name = createHash('sha256').update(bytes).digest('hex')

  async function put() {
    const store = await openDiskPackStore(directory)
    const spool = await store.createSpool()
    await writeFile(spool.path, bytes)
    await store.put(name, spool)
    return store
  }

  test('a pack lies in packs/, in a directory of its first two characters, and tells its path', async () => {
    const store = await put()
    assert.equal((await store.open(name))?.path, join(directory, 'packs', name.slice(0, 2), name))
  })

  test('a store that is opened again has its packs, and nothing that was on its way in', async () => {
    const store = await put()
    const spool = await store.createSpool()
    await writeFile(spool.path, 'cut off')
    const again = await openDiskPackStore(directory)
    assert.deepEqual(await readdir(join(directory, 'spool')), [])
    assert.equal((await again.open(name))?.size, bytes.length)
  })

  test('putting a damaged pack again mends it', async () => {
    const store = await put()
    const { path } = (await store.open(name))!
    await writeFile(path!, 'a p')
    await put()
    const mended = await store.open(name)
    assert.deepEqual(await buffer(mended!.read(0, mended!.size)), bytes)
  })
})
