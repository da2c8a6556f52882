import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { encodePackIndex, PackIndexReader } from '../src/pack-index.ts'
import type { PackIndex } from '../src/pack-index.ts'
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
const recipes = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 })
const index: fc.Arbitrary<PackIndex> = fc.record({ chunks, recipes }, { noNullPrototype: true })
const maxBytes = 100_000

function read(blocks: readonly Uint8Array[]): { index: PackIndex; frames: Buffer } {
  const reader = new PackIndexReader(maxBytes)
  const frames = Buffer.concat(blocks.map((block) => reader.write(block).slice()))
  return { index: reader.end(), frames }
}

describe('pack index', () => {
  it('is read from a bundle in blocks of any size, and the frames are left', () => {
    fc.assert(
      fc.property(index, fc.uint8Array(), fc.array(fc.nat(200)), (index, frames, cuts) => {
        const bundle = Buffer.concat([encodePackIndex(index.chunks, index.recipes), frames])
        assert.deepEqual(read(splitAt(bundle, cuts)), { index, frames: Buffer.from(frames) })
      }),
    )
  })

  it('is read from any bytes or its own error thrown', () => {
    const damaged = fc.tuple(index, fc.nat(), fc.nat(255)).map(([{ chunks, recipes }, at, byte]) => {
      const bytes = encodePackIndex(chunks, recipes)
      return bytes.with(at % bytes.length, byte)
    })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const bundle = parsesOrThrows(() => read([bytes]), 'chunk')
        if (!bundle) return
        const { chunks, recipes } = bundle.index
        assert.deepEqual(Buffer.concat([encodePackIndex(chunks, recipes), bundle.frames]), Buffer.from(bytes))
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
