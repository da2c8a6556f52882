import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { fillHoles } from '../../src/cut/hole.ts'
import { cutSizes, NarCutter } from '../../src/cut/nar-cutter.ts'
import type { Chunk } from '../../src/cut/nar-cutter.ts'
import { checkPattern, encodePattern } from '../../src/cut/pattern.ts'
import { splitAt } from '../blocks.ts'
import { anyHashes, anyPieces, contentOf } from './any-content.ts'

/** So small that there are many borders. */
const sizes = { min: 64, average: 128, max: 256 }
const a = 'a'.repeat(32)
const b = '0123456789abcdfghijklmnpqrsvwxyz'
const anyBlocks = fc.array(fc.nat(100), { maxLength: 100 })

function cut(blocks: Iterable<Uint8Array>, hashes: readonly string[], chosen = sizes): Chunk[] {
  const cutter = new NarCutter(hashes, chosen)
  const chunks = Array.from(blocks, (block) => cutter.write(block)).flat()
  return [...chunks, ...cutter.end()]
}

function fill({ bytes, pattern, hashes }: Chunk): Uint8Array {
  const filled = bytes.slice()
  fillHoles(filled, pattern, hashes)
  return filled
}

/** What a rebuild must not change. */
function withoutHashes(chunks: readonly Chunk[]) {
  return chunks.map(({ bytes, pattern }) => ({ bytes, pattern }))
}

function nameOf({ bytes, pattern }: Chunk): string {
  return createHash('sha256').update(encodePattern(pattern)).update(bytes).digest('hex')
}

function bytesOf(text: string) {
  return { bytes: Buffer.from(text) }
}

/** The slow and obvious way to find holes. */
function holesOf(content: Uint8Array, hashes: readonly string[]): number[] {
  const text = Buffer.from(content).toString('latin1')
  const offsets: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (!hashes.includes(text.slice(at, at + 32))) continue
    offsets.push(at)
    at += 31
  }
  return offsets
}

/** `size` bytes that do not repeat. */
function noise(size: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: size }, () => (state = Math.imul(state, 1664525) + 1013904223) >>> 24)
}

describe('NAR cutter', () => {
  it('gives chunks that are the input again once their holes are filled', () => {
    fc.assert(
      fc.property(anyPieces, anyHashes, anyBlocks, (pieces, hashes, blocks) => {
        const content = contentOf(pieces, hashes)
        const chunks = cut(splitAt(content, blocks), hashes)
        assert.deepEqual(new Uint8Array(Buffer.concat(chunks.map(fill))), content)
      }),
      { numRuns: 500 },
    )
  })

  it('cuts the same however the stream is divided into blocks', () => {
    fc.assert(
      fc.property(anyPieces, anyHashes, anyBlocks, (pieces, hashes, blocks) => {
        const content = contentOf(pieces, hashes)
        assert.deepEqual(cut(splitAt(content, blocks), hashes), cut([content], hashes))
      }),
    )
  })

  it('finds every hash from left to right, and none that overlaps one found before', () => {
    fc.assert(
      fc.property(anyPieces, anyHashes, anyBlocks, (pieces, hashes, blocks) => {
        const content = contentOf(pieces, hashes)
        const found: number[] = []
        let start = 0
        for (const { bytes, pattern } of cut(splitAt(content, blocks), hashes)) {
          found.push(...pattern.map(({ offset }) => start + offset))
          start += bytes.length
        }
        assert.deepEqual(found, holesOf(content, hashes))
      }),
      { numRuns: 500 },
    )
  })

  it('makes the same chunks of two builds that differ in their hashes only', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '0', ' ', '/', '\n') })
    const anyText = fc.array(fc.oneof(fc.record({ hash: fc.nat(5) }), text.map(bytesOf)))
    // With a z at both ends and nowhere else, neither the text nor two hashes side by side can look like a third.
    const digits = fc.string({ unit: fc.constantFrom('0', '1', 'a', 'b'), minLength: 30, maxLength: 30 })
    const hashes = fc.uniqueArray(
      digits.map((middle) => `z${middle}z`),
      { minLength: 6, maxLength: 6 },
    )
    fc.assert(
      fc.property(anyText, hashes, hashes, (text, first, second) => {
        const chunksOfFirst = cut([contentOf(text, first)], first)
        const chunksOfSecond = cut([contentOf(text, second)], second)
        assert.deepEqual(withoutHashes(chunksOfFirst), withoutHashes(chunksOfSecond))
        assert.deepEqual(chunksOfFirst.map(nameOf), chunksOfSecond.map(nameOf))
      }),
    )
  })

  it('does not depend on the order of the hashes', () => {
    fc.assert(
      fc.property(anyPieces, anyHashes, (pieces, hashes) => {
        const content = contentOf(pieces, hashes)
        assert.deepEqual(cut([content], hashes), cut([content], hashes.toReversed()))
      }),
    )
  })

  it('keeps to its sizes and makes patterns that are in order', () => {
    fc.assert(
      fc.property(anyPieces, anyHashes, (pieces, hashes) => {
        const chunks = cut([contentOf(pieces, hashes)], hashes)
        for (const { bytes, pattern } of chunks) checkPattern(pattern, bytes.length)
        assert.ok(chunks.every(({ bytes }) => bytes.length > 0 && bytes.length <= sizes.max))
        assert.ok(chunks.slice(0, -1).every(({ bytes }) => bytes.length > sizes.min - 32))
      }),
    )
  })

  for (const [where, content] of [
    ['alone', a],
    ['in the first bytes', `${a} and so on`],
    ['in the last bytes', `so on and ${a}`],
    ['one after another', `${a}${a}${a}`],
    ['after one that is cut short', `${b.slice(0, 31)}${b}${a}`],
  ] as const) {
    it(`finds hashes ${where}`, () => {
      const [chunk] = cut(splitAt(Buffer.from(content), [1, 30, 1, 31]), [a, b])
      assert.deepEqual(
        chunk!.pattern.map(({ offset }) => offset),
        holesOf(Buffer.from(content), [a, b]),
      )
    })
  }

  it('numbers slots by first appearance', () => {
    const [chunk] = cut([Buffer.from(`${b} ${a} ${b}`)], [a, b, '1'.repeat(32)])
    assert.deepEqual(chunk!.pattern, [
      { offset: 0, slot: 0 },
      { offset: 33, slot: 1 },
      { offset: 66, slot: 0 },
    ])
    assert.deepEqual(chunk!.hashes, [b, a])
  })

  it('gives nothing for nothing', () => {
    assert.deepEqual(cut([new Uint8Array()], [a]), [])
  })

  it('finds its place again after an insertion', () => {
    const content = noise(100_000)
    const changed = Buffer.concat([
      content.subarray(0, 5000),
      Buffer.from('inserted'),
      content.subarray(5000),
    ])
    const known = new Set(cut([content], []).map(({ bytes }) => Buffer.from(bytes).toString('latin1')))
    const fresh = cut([changed], []).filter(({ bytes }) => !known.has(Buffer.from(bytes).toString('latin1')))
    assert.ok(fresh.length <= 6, `${fresh.length} chunks are new`)
  })

  it('cuts this version where it always did', () => {
    const chunks = cut([noise(8 << 20)], [], cutSizes)
    assert.deepEqual(
      chunks.map(({ bytes }) => bytes.length),
      [
        690515, 685048, 734730, 648926, 527794, 786720, 779331, 527986, 722409, 762501, 356257, 353887,
        595323, 217181,
      ],
    )
  })

  it('gives chunks that later blocks leave alone', () => {
    const cutter = new NarCutter([], sizes)
    const [first] = cutter.write(noise(10_000))
    const before = first!.bytes.slice()
    for (let i = 0; i < 100; i++) cutter.write(new Uint8Array(1000).fill(i))
    assert.deepEqual(first!.bytes, before)
  })

  it('keeps no more than it needs of a long stream', () => {
    const cutter = new NarCutter([a])
    const block = noise(1 << 20)
    for (let i = 0; i < 8; i++) cutter.write(block)
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 256; i++) cutter.write(block)
    assert.ok(process.memoryUsage().arrayBuffers - before < 128 << 20)
  })

  it('refuses what is no store hash', () => {
    for (const hash of ['', a.slice(1), `${a}a`, 'e'.repeat(32)]) {
      assert.throws(() => new NarCutter([hash]), { name: 'FormatError', code: 'store-path' })
    }
  })
})
