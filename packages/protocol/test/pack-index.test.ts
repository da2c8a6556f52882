import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { encodePackIndex, PackIndexReader } from '../src/pack-index.ts'
import type { PackedChunk } from '../src/pack-index.ts'
import { sha256Name } from './arbitrary-names.ts'
import { splitAt } from './blocks.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const chunk = fc.record(
  {
    name: sha256Name,
    length: fc.nat(),
    contentSize: fc.nat(),
    layout: fc.uint8Array({ maxLength: 300 }),
  },
  { noNullPrototype: true },
)
const chunks = fc.array(chunk)
const maxBytes = 100_000

function read(blocks: readonly Uint8Array[]): { index: readonly PackedChunk[]; frames: Buffer } {
  const reader = new PackIndexReader(maxBytes)
  const frames = Buffer.concat(blocks.map((block) => reader.write(block).slice()))
  return { index: reader.end(), frames }
}

describe('pack index', () => {
  it('is read from a bundle in blocks of any size, and the frames are left', () => {
    fc.assert(
      fc.property(chunks, fc.uint8Array(), fc.array(fc.nat(200)), (chunks, frames, cuts) => {
        const bundle = Buffer.concat([encodePackIndex(chunks), frames])
        assert.deepEqual(read(splitAt(bundle, cuts)), { index: chunks, frames: Buffer.from(frames) })
      }),
    )
  })

  it('is read from any bytes or its own error thrown', () => {
    const damaged = fc
      .tuple(chunks.map(encodePackIndex), fc.nat(), fc.nat(255))
      .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const bundle = parsesOrThrows(() => read([bytes]), 'chunk')
        if (bundle)
          assert.deepEqual(Buffer.concat([encodePackIndex(bundle.index), bundle.frames]), Buffer.from(bytes))
      }),
    )
  })

  it('is as its description shows', () => {
    const chunk = { name: 'ab'.repeat(32), length: 90, contentSize: 118, layout: new Uint8Array(0) }
    assert.equal(
      Buffer.from(encodePackIndex([chunk])).toString('hex'),
      `010000002401${'ab'.repeat(32)}5a7600`,
    )
  })

  it('that is too long is refused before it is kept', () => {
    const reader = new PackIndexReader(1000)
    assert.throws(() => reader.write(Uint8Array.of(1, 0, 0, 4, 0)), { code: 'chunk', message: /too long/ })
  })
})
