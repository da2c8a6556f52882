import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findStorePath } from '../../src/nix/find-store-path.ts'

describe('the store path of a file', () => {
  let root: string
  let store: string
  let hello: string

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'find-')))
    store = join(root, 'store')
    hello = join(store, `${'a'.repeat(32)}-hello`)
    await mkdir(join(hello, 'bin'), { recursive: true })
    await writeFile(join(hello, 'bin/hello'), '')
  })
  after(() => rm(root, { recursive: true }))

  const link = async (name: string, target: string): Promise<string> => {
    const path = join(root, name)
    await symlink(target, path)
    return path
  }
  const find = (path: string): Promise<string | undefined> => findStorePath(path, store)

  test('is itself, or what it lies in', async () => {
    assert.equal(await find(hello), hello)
    assert.equal(await find(`${hello}/`), hello)
    assert.equal(await find(join(hello, 'bin/hello')), hello)
    assert.equal(await find(join(hello, 'no/such/file')), hello)
  })

  test('is where links lead, one after another', async () => {
    const result = await link('result', hello)
    assert.equal(await find(result), hello)
    assert.equal(await find(join(result, 'bin/hello')), hello)
    assert.equal(await find(await link('second', './result')), hello)
    assert.equal(await find(await link('into', 'result/bin/hello')), hello)
    assert.equal(await find(relative(process.cwd(), result)), hello)
  })

  test('is not where a link in the store leads', async () => {
    const alias = join(store, `${'b'.repeat(32)}-alias`)
    await symlink(hello, alias)
    assert.equal(await find(alias), alias)
    assert.equal(await find(await link('to-alias', alias)), alias)
  })

  test('is undefined outside of the store, for the store itself, for what is no store path, and for circles', async () => {
    assert.equal(await find(root), undefined)
    assert.equal(await find(join(root, 'no/such/file')), undefined)
    assert.equal(await find(store), undefined)
    assert.equal(await find(join(store, '.links')), undefined)
    assert.equal(await find(join(store, 'short-name/file')), undefined)
    assert.equal(await find(await link('circle', 'circle')), undefined)
    assert.equal(await find('/'), undefined)
    assert.equal(await find(''), undefined)
  })
})
