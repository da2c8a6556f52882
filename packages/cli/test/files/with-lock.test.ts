import assert from 'node:assert/strict'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { withLock } from '../../src/files/with-lock.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

describe('a lock', () => {
  it('is held by one at a time, and released after a failure', async () => {
    await using directory = await temporaryDirectory()
    let inside = 0
    const work = async (): Promise<void> => {
      inside += 1
      assert.equal(inside, 1)
      await readdir(directory.path)
      inside -= 1
      throw new Error('failed')
    }
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => withLock(directory.at('file'), work)),
    )
    assert.ok(
      results.every(
        (result) => result.status === 'rejected' && (result.reason as Error).message === 'failed',
      ),
    )
    assert.deepEqual(await readdir(directory.path), [])
  })

  it('left behind by a killed process does not stop anybody', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(directory.at('file.lock'), '')
    await utimes(directory.at('file.lock'), 1, 1)
    assert.equal(await withLock(directory.at('file'), () => Promise.resolve(7)), 7)
  })
})
