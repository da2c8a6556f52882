import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { openDiskPackStore } from '../../src/storage/disk-pack-store.ts'
import { openDiskPartStore } from '../../src/storage/disk-part-store.ts'
import { describePartStore } from '../../src/storage/part-store.conformance.ts'

describePartStore('A directory', {
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'parts-'))
    return {
      store: await openDiskPartStore(directory),
      spools: await openDiskPackStore(directory),
      reopen: async () => {
        await openDiskPackStore(directory)
        return openDiskPartStore(directory)
      },
      close: () => rm(directory, { recursive: true }),
    }
  },
})

test('what was left by an end that was cut short goes with the next one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parts-'))
  try {
    const store = await openDiskPartStore(directory)
    await mkdir(join(directory, 'parts', 'one.end'))
    assert.deepEqual(await store.ids(), ['one'])
    assert.equal(await store.find('one'), undefined)
    await store.end('one')
    assert.deepEqual(await store.ids(), [])
  } finally {
    await rm(directory, { recursive: true })
  }
})
