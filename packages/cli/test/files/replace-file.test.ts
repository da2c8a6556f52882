import assert from 'node:assert/strict'
import { chmod, chown, lstat, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { replaceFile } from '../../src/files/replace-file.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const isRoot = process.geteuid?.() === 0

describe('replacing a file', () => {
  it('makes it, and the directories it lies in', async () => {
    await using directory = await temporaryDirectory()
    const path = directory.at('a', 'b', 'file')
    await replaceFile(path, 'text', { mode: 0o600, directoryMode: 0o700 })
    assert.equal(await readFile(path, 'utf8'), 'text')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.equal((await stat(directory.at('a'))).mode & 0o777, 0o700)
  })

  it('keeps its mode, and leaves nothing beside it', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(directory.at('file'), 'old')
    await chmod(directory.at('file'), 0o664)
    await replaceFile(directory.at('file'), 'new')
    assert.equal((await stat(directory.at('file'))).mode & 0o777, 0o664)
    assert.deepEqual(await readdir(directory.path), ['file'])
  })

  it('keeps its owner', { skip: !isRoot }, async () => {
    await using directory = await temporaryDirectory()
    await writeFile(directory.at('file'), 'old')
    await chown(directory.at('file'), 12_345, 12_346)
    await replaceFile(directory.at('file'), 'new')
    const { uid, gid } = await stat(directory.at('file'))
    assert.deepEqual([uid, gid], [12_345, 12_346])
  })

  it('replaces what a symbolic link points to, and keeps the link', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(directory.at('target'), 'old')
    await symlink('target', directory.at('link'))
    await replaceFile(directory.at('link'), 'new')
    assert.ok((await lstat(directory.at('link'))).isSymbolicLink())
    assert.equal(await readFile(directory.at('target'), 'utf8'), 'new')
  })

  it('replaces no directory, and leaves nothing beside it', async () => {
    await using directory = await temporaryDirectory()
    await assert.rejects(replaceFile(directory.path, 'new'))
    assert.deepEqual(await readdir(directory.path), [])
  })
})
