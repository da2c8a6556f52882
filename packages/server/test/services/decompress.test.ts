import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'node:test'

import { array, assert as assertProperty, asyncProperty, integer, nat, tuple } from 'fast-check'
import { sha256FromHex } from '@cachix/protocol'

import { CacheError } from '../../src/cache-error.ts'
import { compressions, detectCompression } from '../../src/services/compression.ts'
import type { Compression } from '../../src/services/compression.ts'
import { decompressUpload } from '../../src/services/workers/uploaded-file.ts'

const narHash = golden('nar-hash').toString().trim()
const narSize = Number(golden('nar-size').toString())
const compressed = compressions.filter((compression) => compression !== 'none')

for (const compression of compressed) {
  describe(`What Nix compressed with ${compression}`, () => {
    const file = golden(`golden.nar.${compression}`)

    test('comes out as it went in', async () => {
      assert.deepEqual(await summary([file], compression), { hash: narHash, size: narSize })
    })

    test('however it is divided', async () => {
      const pieces = Array.from({ length: Math.ceil(file.length / 7) }, (_, i) =>
        file.subarray(i * 7, i * 7 + 7),
      )
      assert.deepEqual(await summary(pieces, compression), { hash: narHash, size: narSize })
    })

    test('is known by its first bytes, but for brotli, which has none of its own', () => {
      assert.equal(detectCompression(file), compression === 'br' ? undefined : compression)
    })

    if (compression === 'compress') return
    test('is refused when it stops early, wherever', async () => {
      for (const length of [0, 1, 5, 20, file.length >> 1, file.length - 30, file.length - 1]) {
        await assert.rejects(
          summary([file.subarray(0, length)], compression),
          (error) => error instanceof CacheError && /truncated|unsupported/.test(error.code),
          `${length} bytes`,
        )
      }
    })

    test('is refused when something follows', async () => {
      for (const garbage of [
        'garbage',
        '\0\0\0\0\0\0\0',
        'garbage that is long enough to look like a header',
      ]) {
        for (const pieces of [[file, Buffer.from(garbage)], [Buffer.concat([file, Buffer.from(garbage)])]]) {
          await assert.rejects(summary(pieces, compression), { name: 'CacheError' }, garbage)
        }
      }
    })

    test('with any bytes wrong is an error of ours or other bytes, and never a crash', async () => {
      await assertProperty(
        asyncProperty(
          array(tuple(nat(file.length - 1), integer({ min: 1, max: 255 })), {
            minLength: 1,
            maxLength: 5,
          }),
          async (changes) => {
            const changed = Buffer.from(file)
            for (const [at, difference] of changes) changed[at]! ^= difference
            await summary([changed], compression).catch((error: unknown) => {
              if (!(error instanceof CacheError)) throw error
            })
          },
        ),
        { numRuns: 20 },
      )
    })
  })
}

for (const compression of compressed.filter((one) => !['br', 'lzma', 'compress'].includes(one))) {
  test(`${compression}: two streams, one after the other, are one`, async () => {
    const file = golden(`golden.nar.${compression}`)
    assert.equal((await summary([file, file], compression)).size, 2 * narSize)
  })
}

test('an uncompressed NAR is taken as it is, and known by its first bytes', async () => {
  const nar = Buffer.from('0d000000000000006e69782d617263686976652d31000000', 'hex')
  assert.equal((await summary([nar], 'none')).size, nar.length)
  assert.equal(detectCompression(nar), 'none')
})

test('what the service does not decompress is not taken for something else', () => {
  assert.equal(detectCompression(Buffer.from('LRZI')), undefined)
  assert.equal(detectCompression(Buffer.alloc(0)), undefined)
})

test('an xz file that wants a gigabyte to be decompressed is refused', async () => {
  // The file's block header with a dictionary of 1.5 GiB, and the header's CRC32 to go with it.
  const file = Buffer.from(golden('golden.nar.xz'))
  const header = file.subarray(12, 12 + (file[12]! + 1) * 4)
  const at = header.indexOf(Buffer.from([0x21, 0x01])) + 2
  header[at] = 37
  header.writeUInt32LE(crc32(header.subarray(0, -4)), header.length - 4)
  await assert.rejects(summary([file], 'xz'), { code: 'unsupported' })
})

async function summary(
  pieces: readonly Uint8Array[],
  compression: Compression,
): Promise<{ hash: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const block of decompressUpload(pieces, compression)) {
    assert.ok(block.length <= 300_000 || compression === 'none' || compression === 'lz4', `${block.length}`)
    hash.update(block)
    size += block.length
  }
  return { hash: sha256FromHex(hash.digest('hex')), size }
}

function golden(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../golden/compression/${name}`, import.meta.url)))
}

function crc32(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
