import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { FrameSplitter, maxFrameContent } from '../src/zstd-frame.ts'
import type { Frame } from '../src/zstd-frame.ts'
import { splitAt } from './blocks.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const limits = { maxFrameBytes: 2 * maxFrameContent, maxContentBytes: maxFrameContent }
const magic = [0x28, 0xb5, 0x2f, 0xfd]
/** A block header: the last block, of this type and size. */
const block = (type: number, size: number) => [
  1 | (type << 1) | ((size & 31) << 3),
  (size >> 5) & 255,
  size >> 13,
]
/** Two bytes of content, stored. */
const tiny = [...magic, 0x20, 2, ...block(0, 2), 7, 8]

function split(blocks: readonly Uint8Array[]): Frame[] {
  const splitter = new FrameSplitter(limits)
  const frames = blocks.flatMap((bytes) => splitter.write(bytes))
  splitter.end()
  return frames
}

function compress(content: Uint8Array, checksum: boolean): Uint8Array {
  return zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 } })
}

describe('frame splitter', () => {
  it('gives back frames that were put together, however the stream is cut', () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.nat(300_000).map((size) => new Uint8Array(size).fill(7)),
    )
    const frame = fc
      .tuple(content, fc.boolean())
      .map(([content, checksum]) => ({ content, bytes: compress(content, checksum) }))
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(8000)), (frames, cuts) => {
        const found = split(splitAt(Buffer.concat(frames.map((frame) => frame.bytes)), cuts))
        assert.equal(found.length, frames.length)
        for (const [i, { bytes, contentSize }] of found.entries()) {
          assert.deepEqual(bytes, new Uint8Array(frames[i]!.bytes))
          assert.equal(contentSize, frames[i]!.content.length)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('takes a stream byte by byte', () => {
    const frame = compress(
      new Uint8Array(300_000).map((_, i) => (i * i) >> 8),
      true,
    )
    const stream = Buffer.concat([frame, frame])
    const frames = split(Array.from(stream, (byte) => Uint8Array.of(byte)))
    assert.deepEqual(
      frames.map((frame) => zstdDecompressSync(frame.bytes).length),
      [300_000, 300_000],
    )
  })

  it('takes frames with a window of their own instead of a single segment', () => {
    const stream = Uint8Array.of(...magic, 0x80, 0x58, 2, 0, 0, 0, ...block(0, 2), 7, 8)
    assert.deepEqual(split([stream]), [{ bytes: stream, contentSize: 2 }])
    assert.deepEqual([...zstdDecompressSync(stream)], [7, 8])
  })

  it('knows all four widths of the content size', () => {
    const headers = {
      200: [0x20, 200],
      456: [0x60, 200, 0],
      70_000: [0xa0, 0x70, 0x11, 1, 0],
      9: [0xe0, 9, 0, 0, 0, 0, 0, 0, 0],
    }
    for (const [size, header] of Object.entries(headers)) {
      const frames = split([Uint8Array.of(...magic, ...header, ...block(1, Number(size)), 7)])
      assert.deepEqual(
        frames.map((frame) => frame.contentSize),
        [Number(size)],
      )
    }
  })

  it('gives frames that stay what they are while the stream goes on', () => {
    const splitter = new FrameSplitter(limits)
    const stream = Uint8Array.from(tiny)
    const [first] = splitter.write(stream)
    stream.fill(0)
    splitter.write(Uint8Array.of(...tiny.slice(0, -1), 9))
    assert.deepEqual([...first!.bytes], tiny)
  })

  it('gives nothing for an empty stream', () => assert.deepEqual(split([]), []))

  const bad = {
    'something else': [...Buffer.from('not zstd at all')],
    'a skippable frame': [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7],
    'a frame without a content size': [...magic, 0x00, 0x58, ...block(0, 2), 7, 8],
    'a frame that needs a dictionary': [...magic, 0x21, 1, 2, ...block(0, 2), 7, 8],
    'a reserved bit': [...magic, 0x28, 2, ...block(0, 2), 7, 8],
    'a reserved block type': [...magic, 0x20, 2, ...block(3, 2), 7, 8],
    'a block larger than 128 KiB': [...magic, 0x20, 2, ...block(1, 128 * 1024 + 1), 7],
    'content larger than allowed': [...magic, 0xa0, 1, 0, 16, 0, ...block(1, 2), 7],
    'content larger than can be counted': [
      ...magic,
      0xe0,
      ...Array.from({ length: 8 }, () => 255),
      ...block(1, 2),
      7,
    ],
    'a window larger than decoders support': [...magic, 0x80, 0x70, 2, 0, 0, 0, ...block(0, 2), 7, 8],
    'bytes after the last frame': [...tiny, 0],
    'another stream after the last frame': [...tiny, ...Buffer.from('trailing')],
  }
  for (const [what, bytes] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => split([Uint8Array.from(bytes)]), { name: 'FormatError', code: 'zstd-frame' })
    })
  }

  it('refuses a stream cut anywhere but between frames', () => {
    for (let length = 1; length < tiny.length; length++) {
      assert.throws(() => split([Uint8Array.from(tiny.slice(0, length))]), { code: 'zstd-frame' })
    }
  })

  it('refuses a frame that never ends, having kept no more than the limit', () => {
    const splitter = new FrameSplitter(limits)
    splitter.write(Uint8Array.of(...magic, 0x20, 2))
    const emptyBlocks = new Uint8Array(3 * 1024)
    let written = 0
    assert.throws(
      () => {
        for (; written < 2 * limits.maxFrameBytes; written += emptyBlocks.length) splitter.write(emptyBlocks)
      },
      { code: 'zstd-frame' },
    )
    assert.ok(written <= limits.maxFrameBytes)
  })

  it('splits any bytes or throws its own error', () => {
    const start = fc.constantFrom([], magic, tiny, tiny.slice(0, -2))
    fc.assert(
      fc.property(start, fc.uint8Array(), (start, rest) => {
        const stream = Uint8Array.of(...start, ...rest)
        const frames = parsesOrThrows(() => split([stream]), 'zstd-frame')
        if (frames)
          assert.deepEqual(new Uint8Array(Buffer.concat(frames.map((frame) => frame.bytes))), stream)
      }),
    )
  })
})
