import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { FrameEnds } from '../src/zstd-frame-ends.ts'
import { splitAt } from './blocks.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const options = fc.record({ size: fc.boolean(), checksum: fc.boolean() }).map(({ size, checksum }) => ({
  params: {
    [constants.ZSTD_c_contentSizeFlag]: Number(size),
    [constants.ZSTD_c_checksumFlag]: Number(checksum),
  },
}))

const frame = fc.tuple(fc.uint8Array(), fc.nat(300_000), options).map(([bytes, zeros, options]) => {
  return zstdCompressSync(Buffer.concat([bytes, new Uint8Array(zeros)]), options)
})

/** The frames in a stream of blocks, each put together again. */
function framesIn(blocks: readonly Uint8Array[]): { frames: Buffer[]; isWhole: boolean } {
  const ends = new FrameEnds()
  const frames: Buffer[] = []
  const pieces: Uint8Array[] = []
  for (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const taken = ends.take(block.subarray(at))
      pieces.push(block.subarray(at, at + taken))
      at += taken
      if (ends.isBetweenFrames) frames.push(Buffer.concat(pieces.splice(0)))
    }
  }
  return { frames, isWhole: ends.isBetweenFrames }
}

describe('frame ends', () => {
  it('are found in blocks of any size, whatever the frames state', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat(50)), (frames, cuts) => {
        const found = framesIn(splitAt(Buffer.concat(frames), cuts))
        assert.deepEqual(found, { frames, isWhole: true })
      }),
      { numRuns: 50 },
    )
  })

  it('of a frame that is cut short are not found', () => {
    fc.assert(
      fc.property(frame, fc.nat(), (frame, length) => {
        const cut = 1 + (length % (frame.length - 1))
        assert.deepEqual(framesIn([frame.subarray(0, cut)]), { frames: [], isWhole: false })
      }),
      { numRuns: 50 },
    )
  })

  it('are found in any bytes, or its own error thrown', () => {
    fc.assert(
      fc.property(fc.tuple(frame, fc.nat(), fc.nat(255)), ([bytes, at, byte]) => {
        parsesOrThrows(() => framesIn([bytes.with(at % bytes.length, byte)]), 'zstd-frame')
      }),
    )
  })
})
