import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { narMagic, openFile } from '@cachix/protocol'

import { createVerifierPool } from '../../src/services/verify/verifier-pool.ts'
import type { NarVerifier } from '../../src/services/verify/verifier-pool.ts'
import { directory, sampleNar, textFile } from './sample-nar.ts'

const limits = { maxNarSize: 8 * 1024 ** 3, maxListingSize: 2_000 }
const { signal } = new AbortController()

describe('Verifying in threads', () => {
  let folder = ''
  let verifier: NarVerifier
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-'))
    verifier = createVerifierPool({ threads: 2, limits })
  })
  after(async () => {
    await verifier.close()
    await rm(folder, { recursive: true })
  })

  async function spooled(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, bytes)
    return path
  }

  test('tells hash, size and listing', async () => {
    const sample = sampleNar(directory({ '1': textFile('hello'), __proto__x: textFile('x') }))
    const nar = await verifier.verify(await spooled('good', sample.file), signal)
    assert.equal(nar.narHash, sample.narHash)
    assert.equal(nar.narSize, sample.nar.length)
    assert.deepEqual(JSON.parse(listingOf(nar.listing)), {
      version: 1,
      root: {
        type: 'directory',
        entries: {
          '1': { type: 'regular', size: 5, narOffset: Buffer.from(sample.nar).indexOf('hello') },
          __proto__x: { type: 'regular', size: 1, narOffset: Buffer.from(sample.nar).lastIndexOf('x\0') },
        },
      },
    })
  })

  test('a NAR whose listing would be too large has an empty one', async () => {
    const names = Array.from({ length: 100 }, (_, i) => [`file-${i}`, textFile('')] as const)
    const sample = sampleNar(directory(Object.fromEntries(names)))
    const nar = await verifier.verify(await spooled('many', sample.file), signal)
    assert.equal(nar.narHash, sample.narHash)
    assert.equal(listingOf(nar.listing), '')
  })

  test('more files than threads are all verified', async () => {
    const samples = Array.from({ length: 20 }, (_, i) => sampleNar(textFile(`file ${i}`)))
    const hashes = samples.map(async ({ file }, i) => {
      return (await verifier.verify(await spooled(`file-${i}`, file), signal)).narHash
    })
    assert.deepEqual(
      await Promise.all(hashes),
      samples.map(({ narHash }) => narHash),
    )
  })

  test('a file that cannot be read fails, and the thread goes on', async () => {
    await assert.rejects(verifier.verify(join(folder, 'nowhere'), signal), /ENOENT/)
    const { file, narHash } = sampleNar(textFile('next'))
    assert.equal((await verifier.verify(await spooled('next', file), signal)).narHash, narHash)
  })

  test('a verification that is cancelled stops soon, and the thread goes on', async () => {
    const one = createVerifierPool({ threads: 1, limits })
    const content = 4 * 1024 ** 2
    const first = Buffer.concat([narMagic, openFile({ size: 7 * 1024 ** 3, executable: false })])
    const frames = [first, ...Array.from({ length: 1_500 }, () => new Uint8Array(0))]
    const zeros = zstdCompressSync(new Uint8Array(content))
    const file = Buffer.concat(frames.map((frame) => (frame.length > 0 ? zstdCompressSync(frame) : zeros)))
    const path = await spooled('six-gigabytes', file)
    const request = new AbortController()
    const verified = one.verify(path, request.signal)
    setImmediate(() => request.abort(new Error('the client has gone')))
    await assert.rejects(verified, /the client has gone/)
    const { file: small, narHash } = sampleNar(textFile('after that'))
    assert.equal((await one.verify(await spooled('small', small), signal)).narHash, narHash)
    await one.close()
  })

  test('a thread that crashes fails its own file only', async () => {
    const entry = new URL('./crashing-worker.ts', import.meta.url)
    const fragile = createVerifierPool({ threads: 1, limits, entry })
    const { file, narHash } = sampleNar(textFile('survives'))
    const good = await spooled('good-one', file)
    const bad = await spooled('crash', file)
    const verify = async (path: string) => (await fragile.verify(path, signal)).narHash
    const results = await Promise.allSettled([good, bad, good, bad, good].map(verify))
    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
      [narHash, 'failed', narHash, 'failed', narHash],
    )
    await fragile.close()
  })
})

function listingOf(compressed: Uint8Array): string {
  return zstdDecompressSync(compressed).toString()
}
