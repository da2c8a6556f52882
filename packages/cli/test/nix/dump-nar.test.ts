import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { writeNar, type NarNode } from '@cachix/protocol'
import { dumpNar } from '../../src/nix/dump-nar.ts'
import { withoutNix } from './nix-fixture.ts'

async function* copies(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) yield new Uint8Array(block)
}

let directory: string
beforeEach(() => (directory = fs.mkdtempSync(join(tmpdir(), 'dump-'))))
afterEach(() => fs.rmSync(directory, { recursive: true }))

function dump(path: string, caseHack = false): Promise<Buffer> {
  return buffer(copies(dumpNar(path, { caseHack })))
}

async function blocksOf(path: string, blockSize: number): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = []
  for await (const block of copies(dumpNar(path, { blockSize }))) blocks.push(block)
  return blocks
}

/** As Nix writes it. */
function nixDump(path: string): Buffer {
  return execFileSync('nix-store', ['--dump', path], { maxBuffer: 2 ** 28 })
}

async function assertSame(path: string): Promise<void> {
  assert.ok((await dump(path)).equals(nixDump(path)))
}

describe('the NAR is that of nix-store --dump, byte for byte', { skip: withoutNix }, () => {
  test('for a file, an executable, an empty file, a link and an empty directory', async () => {
    const at = (name: string): string => join(directory, name)
    fs.writeFileSync(at('file'), 'hello')
    fs.writeFileSync(at('executable'), '#!/bin/sh\n', { mode: 0o755 })
    fs.writeFileSync(at('group-executable'), '', { mode: 0o654 })
    fs.writeFileSync(at('empty'), '')
    fs.symlinkSync('../nowhere', at('link'))
    fs.mkdirSync(at('directory'))
    for (const name of ['file', 'executable', 'group-executable', 'empty', 'link', 'directory'])
      await assertSame(at(name))
    await assertSame(directory)
  })

  test('for names that sort by bytes and need not be text', async () => {
    for (const name of ['b', 'a', 'B', 'a.b', 'a-b', 'ab', 'é', '\u{10000}', '\u{ffff}', '~']) {
      fs.writeFileSync(join(directory, name), name)
    }
    fs.writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.of(0xff, 0x41)]), 'bytes')
    fs.mkdirSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.of(0xfe)]))
    fs.writeFileSync(
      Buffer.concat([Buffer.from(`${directory}/`), Buffer.of(0xfe), Buffer.from('/x')]),
      'inside',
    )
    fs.symlinkSync(Buffer.of(0xc0, 0x80), join(directory, 'link'))
    await assertSame(directory)
  })

  test('for files of every size around a block and the border between small and large', async () => {
    const sizes = [
      1,
      7,
      8,
      9,
      128 * 1024 - 1,
      128 * 1024,
      128 * 1024 + 1,
      2 ** 20 - 1,
      2 ** 20,
      2 ** 20 + 1,
      3_000_000,
    ]
    for (const size of sizes) fs.writeFileSync(join(directory, String(size)), Buffer.alloc(size, size % 251))
    await assertSame(directory)
  })

  test('for directories 60 deep', async () => {
    fs.mkdirSync(join(directory, ...Array<string>(60).fill('d')), { recursive: true })
    await assertSame(directory)
  })
})

describe('the NAR comes in blocks', () => {
  test('of the size asked for, whatever it is', async () => {
    const contents = Buffer.alloc(10_000, 'x')
    for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(directory, name), contents)
    const entries: [string, NarNode][] = ['a', 'b', 'c'].map((name) => [name, { type: 'regular', contents }])
    const expected = Buffer.concat([...writeNar({ type: 'directory', entries })])
    for (const blockSize of [1, 7, 4096, 10_000, expected.length, expected.length + 1]) {
      const blocks = await blocksOf(directory, blockSize)
      assert.ok(blocks.slice(0, -1).every((block) => block.length === blockSize))
      assert.equal(blocks.length, Math.ceil(expected.length / blockSize))
      assert.ok(Buffer.concat(blocks).equals(expected))
    }
  })

  test('and a reader that stops early leaves no file open', async () => {
    fs.writeFileSync(join(directory, 'large'), Buffer.alloc(5_000_000))
    const before = fs.readdirSync('/proc/self/fd').length
    for await (const block of dumpNar(directory)) if (block.length > 0) break
    assert.equal(fs.readdirSync('/proc/self/fd').length, before)
  })
})

describe('the suffix for names that differ in case only', () => {
  test('is dropped where it is in use, and names sort without it', async () => {
    for (const name of ['Foo~nix~case~hack~1', 'foo', 'Foo-b']) fs.writeFileSync(join(directory, name), '')
    const hacked = await dump(directory, true)
    const file: NarNode = { type: 'regular', contents: new Uint8Array() }
    const names = ['Foo', 'Foo-b', 'foo']
    const tree: NarNode = { type: 'directory', entries: names.map((name) => [name, file]) }
    assert.ok(hacked.equals(Buffer.concat([...writeNar(tree)])))
  })

  test('is an error where two names become one', async () => {
    for (const name of ['foo~nix~case~hack~1', 'foo']) fs.writeFileSync(join(directory, name), '')
    await assert.rejects(dump(directory, true), { name: 'NarDumpError', reason: 'unsupported' })
  })
})

describe('what cannot be in a NAR is an error', () => {
  test('a path that does not exist', async () => {
    const missing = dump(join(directory, 'missing'))
    await assert.rejects(missing, {
      name: 'NarDumpError',
      reason: 'unreadable',
      message: /missing cannot be read/,
    })
  })

  test('a socket', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(directory, 'socket'), resolve))
    await assert.rejects(dump(directory), { reason: 'unsupported', message: /socket is neither a file/ })
    server.close()
  })

  test('directories more than 63 deep', async () => {
    fs.mkdirSync(join(directory, ...Array<string>(64).fill('d')), { recursive: true })
    await assert.rejects(dump(directory), { reason: 'unsupported', message: /more than 63 deep/ })
  })

  test('a file that shrinks while it is read', async () => {
    const file = join(directory, 'file')
    fs.writeFileSync(file, Buffer.alloc(5_000_000))
    const blocks = dumpNar(file)
    await blocks.next()
    fs.truncateSync(file, 1000)
    await assert.rejects(buffer(blocks), { reason: 'changed', message: /became shorter/ })
  })
})
