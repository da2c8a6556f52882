import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'

import { narMagic, openFile } from '@cachix/protocol'

import { createNarWorkers } from '../../src/services/workers/nar-workers.ts'
import type { NarWorkers } from '../../src/services/workers/nar-workers.ts'
import type { UploadedFile } from '../../src/services/workers/uploaded-file.ts'
import { directory, sampleNar, textFile } from './sample-nar.ts'

const limits = { maxNarSize: 8 * 1024 ** 3, maxListingSize: 2_000 }
const { signal } = new AbortController()

describe('Checking uploads in threads', () => {
  let folder = ''
  let workers: NarWorkers
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-'))
    workers = createNarWorkers({ threads: 2, limits })
  })
  after(async () => {
    await workers.close()
    await rm(folder, { recursive: true })
  })

  async function spooled(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, bytes)
    return path
  }

  test('tells hash and size', async () => {
    const sample = sampleNar(directory({ '1': textFile('hello'), __proto__x: textFile('x') }))
    const nar = await workers.run('checkUpload', zstdFile(await spooled('good', sample.file)), signal)
    assert.equal(nar.narHash, sample.narHash)
    assert.equal(nar.narSize, sample.nar.length)
  })

  test('more files than threads are all verified', async () => {
    const samples = Array.from({ length: 20 }, (_, i) => sampleNar(textFile(`file ${i}`)))
    const hashes = samples.map(async ({ file }, i) => {
      return (await workers.run('checkUpload', zstdFile(await spooled(`file-${i}`, file)), signal)).narHash
    })
    assert.deepEqual(
      await Promise.all(hashes),
      samples.map(({ narHash }) => narHash),
    )
  })

  test('a file that cannot be read fails, and the thread goes on', async () => {
    await assert.rejects(workers.run('checkUpload', zstdFile(join(folder, 'nowhere')), signal), /ENOENT/)
    const { file, narHash } = sampleNar(textFile('next'))
    assert.equal(
      (await workers.run('checkUpload', zstdFile(await spooled('next', file)), signal)).narHash,
      narHash,
    )
  })

  test('a thread that was prepared for another job does what is asked for', async () => {
    const one = createNarWorkers({ threads: 1, limits })
    one.prepare('packChunks')
    const { file, narHash } = sampleNar(textFile('prepared'))
    const path = await spooled('prepared', file)
    assert.equal((await one.run('checkUpload', zstdFile(path), signal)).narHash, narHash)
    await one.close()
  })

  test('a verification that is cancelled stops soon, and the thread goes on', async () => {
    const one = createNarWorkers({ threads: 1, limits })
    const content = 4 * 1024 ** 2
    const first = Buffer.concat([narMagic, openFile({ size: 7 * 1024 ** 3, executable: false })])
    const frames = [first, ...Array.from({ length: 1_500 }, () => new Uint8Array(0))]
    const zeros = zstdCompressSync(new Uint8Array(content))
    const file = Buffer.concat(frames.map((frame) => (frame.length > 0 ? zstdCompressSync(frame) : zeros)))
    const path = await spooled('six-gigabytes', file)
    const request = new AbortController()
    const verified = one.run('checkUpload', zstdFile(path), request.signal)
    setImmediate(() => request.abort(new Error('the client has gone')))
    await assert.rejects(verified, /the client has gone/)
    const { file: small, narHash } = sampleNar(textFile('after that'))
    assert.equal(
      (await one.run('checkUpload', zstdFile(await spooled('small', small)), signal)).narHash,
      narHash,
    )
    await one.close()
  })

  test('a thread that crashes fails its own file only', async () => {
    const entry = new URL('./crashing-worker.ts', import.meta.url)
    const fragile = createNarWorkers({ threads: 1, limits, entry })
    const { file, narHash } = sampleNar(textFile('survives'))
    const good = await spooled('good-one', file)
    const bad = await spooled('crash', file)
    const verify = async (path: string) => (await fragile.run('checkUpload', zstdFile(path), signal)).narHash
    const results = await Promise.allSettled([good, bad, good, bad, good].map(verify))
    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
      [narHash, 'failed', narHash, 'failed', narHash],
    )
    await fragile.close()
  })
})

describe('Threads are started', () => {
  const entry = new URL('./slow-worker.ts', import.meta.url)

  test('for what would wait longer than that takes, up to as many as there may be', async () => {
    const workers = createNarWorkers({ threads: 2, limits, entry })
    const numbers = await Promise.all(
      ['2000', '2000', '2000'].map((each) => workers.run('checkUpload', zstdFile(each), signal)),
    )
    assert.equal(new Set<unknown>(numbers).size, 2)
    await workers.close()
  })

  test('not for what would be done by then', async () => {
    const workers = createNarWorkers({ threads: 2, limits, entry })
    const first = await workers.run('checkUpload', zstdFile('0'), signal)
    const others = await Promise.all(
      ['1', '2', '3'].map((each) => workers.run('checkUpload', zstdFile(each), signal)),
    )
    assert.deepEqual(others, [first, first, first])
    await workers.close()
  })
})

function zstdFile(path: string): UploadedFile {
  return { paths: [path], compression: 'zstd' }
}
