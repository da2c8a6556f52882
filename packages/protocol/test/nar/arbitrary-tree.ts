import * as fc from 'fast-check'
import type { NarNode } from '../../src/nar/write-nar.ts'

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.nat(9000).map((size) => new Uint8Array(size).fill(65)),
)

/** Letters that sort apart from each other as bytes and as text, and bytes that are no UTF-8. */
const nameByte = fc.oneof(
  fc.constantFrom(0x2d, 0x2e, 0x41, 0x61, 0xc3, 0xa4, 0xff),
  fc.integer({ min: 1, max: 255 }),
)
const name = fc
  .array(nameByte, { minLength: 1, maxLength: 12 })
  .filter((bytes) => !bytes.includes(0x2f) && !['.', '..'].includes(String.fromCharCode(...bytes)))
  .map((bytes) => Uint8Array.from(bytes))
const target = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 40 })
  .map((b) => Uint8Array.from(b))

/** Trees as a NAR can hold them, entries in any order. */
export const anyTree: fc.Arbitrary<NarNode> = fc.letrec<{ node: NarNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record(
      { type: fc.constant('regular' as const), contents, executable: fc.boolean() },
      { noNullPrototype: true },
    ),
    fc.record({ type: fc.constant('symlink' as const), target }, { noNullPrototype: true }),
    fc
      .uniqueArray(fc.tuple(name, tie('node')), { maxLength: 6, selector: ([name]) => String(name) })
      .map((entries) => ({ type: 'directory' as const, entries })),
  ),
})).node
