import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { readFrameLayout } from '../src/zstd-layout.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

describe('frame layout', () => {
  it('tells where bytes are stored as they are', () => {
    const content = randomBytes(300_000)
    const frame = zstdCompressSync(content)
    const { rawBlocks, ...layout } = readFrameLayout(frame, 300_000)
    assert.deepEqual(layout, { size: frame.length, contentSize: 300_000, hasChecksum: false })
    const stored = rawBlocks.map(({ offset, size }) => frame.subarray(offset, offset + size))
    assert.deepEqual(Buffer.concat(stored), content)
  })

  it('has no raw blocks where bytes repeat', () => {
    const { rawBlocks } = readFrameLayout(zstdCompressSync(new Uint8Array(300_000)), 300_000)
    assert.deepEqual(rawBlocks, [])
  })

  it('counts the checksum, and nothing that follows', () => {
    const frame = zstdCompressSync(Buffer.from('x'), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    const { size, hasChecksum } = readFrameLayout(Buffer.concat([frame, frame]), 1)
    assert.deepEqual([size, hasChecksum], [frame.length, true])
  })

  it('refuses a frame that is cut short anywhere', () => {
    const frame = zstdCompressSync(Buffer.from('some text, some text, some text'))
    for (let size = 0; size < frame.length; size++) {
      assert.throws(() => readFrameLayout(frame.subarray(0, size), 100), { code: 'zstd-frame' })
    }
  })

  it('refuses content that is too large', () => {
    assert.throws(() => readFrameLayout(zstdCompressSync(new Uint8Array(101)), 100), /too large/)
  })

  it('is read from any bytes or its own error thrown', () => {
    const start = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 9]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (rest) => {
        parsesOrThrows(() => readFrameLayout(Uint8Array.of(...start, ...rest), 100), 'zstd-frame')
      }),
    )
  })
})
