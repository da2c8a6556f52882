import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'

import { CacheError } from '../../src/cache-error.ts'
import { openDiskAssembledFiles } from '../../src/storage/disk-assembled-files.ts'
import { waitFor } from '../../../../test/harness/wait-for.ts'

describe('Assembled files in a directory', () => {
  let directory = ''
  /** Names, each time they were made. */
  let made: string[] = []
  before(async () => void (directory = await mkdtemp(join(tmpdir(), 'assembled-'))))
  beforeEach(() => void (made = []))
  after(() => rm(directory, { recursive: true }))

  const open10 = (openingMs = 0) => openDiskAssembledFiles(directory, { limit: 10, openingMs })
  const left = () => readdir(join(directory, 'assembled'))
  type Files = Awaited<ReturnType<typeof open10>>

  function get(files: Files, name: string, text = `${name}${name}${name}`): Promise<string | undefined> {
    return files.get(name, text.length, (path) => {
      made.push(name)
      return writeFile(path, text)
    })
  }

  test('a file is made once for all who ask for it, and then found', async () => {
    const files = await open10()
    const paths = await Promise.all(Array.from({ length: 100 }, () => get(files, 'abc')))
    assert.equal(new Set(paths).size, 1)
    assert.equal(await readFile((await get(files, 'abc'))!, 'utf8'), 'abcabcabc')
    assert.deepEqual(made, ['abc'])
    assert.equal(files.size, 9)
  })

  test('the least recently used go when there are too many bytes, those in use can be read to their end', async () => {
    const files = await open10()
    for (const name of ['a', 'b', 'c', 'a']) await get(files, name)
    const reading = await open((await get(files, 'b'))!)
    for (const name of ['a', 'c', 'd']) await get(files, name)
    assert.deepEqual(made, ['a', 'b', 'c', 'd'])
    await waitFor('its removal', async () => (await left()).length === 3)
    assert.equal(await reading.readFile('utf8'), 'bbb')
    await reading.close()
    await get(files, 'b')
    assert.deepEqual(made, ['a', 'b', 'c', 'd', 'b'])
    assert.equal(files.size, 9)
  })

  test('a file that somebody was told of just now stays at its path, and goes later', async () => {
    const files = await open10(200)
    const paths = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => get(files, name)))
    assert.deepEqual(await Promise.all(paths.map((path) => readFile(path!, 'utf8'))), [
      'aaa',
      'bbb',
      'ccc',
      'ddd',
      'eee',
    ])
    await waitFor('room', async () => files.size <= 10 && (await left()).length === 3)
    files.close()
  })

  test('a file larger than all of them may be is not made', async () => {
    const files = await open10()
    assert.equal(await get(files, 'abcd'), undefined)
    assert.deepEqual([made, files.size], [[], 0])
  })

  test('what cannot be made fails for all who wait, leaves nothing, and is tried again', async () => {
    const files = await open10()
    const failed = await Promise.allSettled([files.get('a', 3, fail), files.get('a', 3, fail)])
    assert.deepEqual(
      failed.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(files.size, 0)
    assert.equal(await readFile((await get(files, 'a'))!, 'utf8'), 'aaa')
    await waitFor('its removal', async () => (await left()).length === 1)
  })

  test('a file that did not become as long as it should is not told of', async () => {
    const files = await open10()
    await assert.rejects(
      files.get('a', 3, (path) => writeFile(path, 'ab')),
      /2 bytes instead of 3/,
    )
    assert.equal(files.size, 0)
  })

  test('when the disk is full there is no room, and the others go', async () => {
    const files = await open10()
    await get(files, 'a')
    assert.equal(await files.get('b', 3, full), undefined)
    assert.equal(files.size, 0)
  })

  for (const [what, harm] of [
    ['cut short', (path: string) => truncate(path, 1)],
    ['written to', (path: string) => writeFile(path, 'xxx')],
    ['gone', (path: string) => rm(path)],
  ] as const) {
    test(`a file that is ${what} is made again`, async () => {
      const files = await open10()
      await harm((await get(files, 'a'))!)
      const paths = await Promise.all([get(files, 'a'), get(files, 'a')])
      assert.deepEqual(made, ['a', 'a'])
      assert.equal(await readFile(paths[1]!, 'utf8'), 'aaa')
      assert.equal(files.size, 3)
    })
  }

  test('what an earlier process left is removed', async () => {
    await get(await open10(), 'a')
    await open10()
    assert.deepEqual(await left(), [])
  })

  test('by default they take a part of the disk', async () => {
    const files = await openDiskAssembledFiles(directory, { limit: undefined })
    assert.ok(await get(files, 'abc'))
    assert.equal(await get(files, 'x'.repeat(10), 'x'), (await get(files, 'x'.repeat(10), 'x'))!)
    files.close()
  })
})

function fail(path: string): Promise<void> {
  return writeFile(path, 'ab').then(() => {
    throw new Error('expected')
  })
}

function full(): Promise<void> {
  return Promise.reject(new CacheError('disk-full', 'expected'))
}
