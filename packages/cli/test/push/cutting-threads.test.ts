import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { decodeFrame } from '@cachix/frames'
import { renderHash } from '@cachix/protocol'
import { dumpNar } from '../../src/nix/dump-nar.ts'
import { NarDumpError } from '../../src/nix/nar-dump-error.ts'
import type { PathInfo } from '../../src/nix/store-reader.ts'
import { DamagedPathError } from '../../src/push/check-nar.ts'
import { cutPath } from '../../src/push/cut/cut-path.ts'
import { CuttingThreads } from '../../src/push/cut/cutting-threads.ts'
import { readLocalNar } from '../../src/push/nar-source.ts'

describe('Cutting in threads', () => {
  let directory: string
  let threads: CuttingThreads
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cutting-'))
    threads = new CuttingThreads(2)
  })
  after(async () => {
    await threads[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  /** A store path with a file of so many random bytes. */
  async function storePath(character: string, size: number): Promise<PathInfo> {
    const path = join(directory, `${character.repeat(32)}-file`)
    await writeFile(path, randomBytes(size))
    const digest = createHash('sha256')
    let narSize = 0
    for await (const block of dumpNar(path)) {
      digest.update(block)
      narSize += block.length
    }
    const narHash = renderHash({ algorithm: 'sha256', bytes: digest.digest() })
    return { storePath: path, narHash, narSize, references: [], signatures: [] }
  }

  async function consume(info: PathInfo): Promise<void> {
    for await (const chunk of threads.cut(info)) chunk.drop()
  }

  test('gives the chunks and frames that cutting here gives, of several paths at once', async () => {
    const infos = await Promise.all(['0', '1', '2'].map((each) => storePath(each, 4_000_000)))
    await Promise.all(
      infos.map(async (info) => {
        const expected = await collect(cutPath(info, readLocalNar(info)))
        const found = await collect(threads.cut(info))
        assert.deepEqual(
          found.map(({ name, size }) => [name, size]),
          expected.map(({ name, bytes }) => [name, bytes.length]),
        )
        for (const [i, chunk] of found.entries()) {
          const frame = await chunk.pack(1)
          assert.equal(frame.name, chunk.name)
          assert.equal(Buffer.compare(decodeFrame(frame.bytes, chunk.size), expected[i]!.bytes), 0)
          frame.release?.()
          assert.equal(frame.bytes.length, 0)
        }
      }),
    )
  })

  test('goes on with more than there is room for as chunks are dropped', async () => {
    await consume(await storePath('3', 40_000_000))
  })

  test('says which path is damaged, and why it cannot be read', async () => {
    const info = await storePath('4', 1000)
    await assert.rejects(consume({ ...info, narSize: info.narSize + 1 }), (error) => {
      assert.ok(error instanceof DamagedPathError)
      assert.match(error.message, /-file is damaged on this machine: its NAR has 1\d\d\d of the/)
      return true
    })
    await assert.rejects(consume({ ...info, storePath: `${info.storePath}-absent` }), (error) => {
      assert.ok(error instanceof NarDumpError)
      assert.equal(error.reason, 'unreadable')
      return true
    })
  })

  test('is ready for another path when one was given up half way', async () => {
    const info = await storePath('5', 40_000_000)
    for (let i = 0; i < 3; i++) {
      for await (const chunk of threads.cut(info)) {
        chunk.drop()
        break
      }
    }
    await consume(info)
  })
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
