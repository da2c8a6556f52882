import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { NarParser } from '../../src/nar/parser.ts'
import type { NarVisitor } from '../../src/nar/visitor.ts'
import { writeNar } from '../../src/nar/write-nar.ts'
import type { NarNode } from '../../src/nar/write-nar.ts'
import { goldenBytes, goldenNames } from '../golden.ts'
import { parsesOrThrows } from '../parses-or-throws.ts'
import { splitAt } from '../blocks.ts'
import { anyTree } from './arbitrary-tree.ts'
import { TreeBuilder } from './tree-builder.ts'

const mebibyte = 1024 * 1024

function narOf(tree: NarNode): Uint8Array {
  return new Uint8Array(Buffer.concat([...writeNar(tree)]))
}

function parse(blocks: Iterable<Uint8Array>): NarNode {
  const builder = new TreeBuilder()
  const parser = new NarParser(builder, { maxSize: 64 * mebibyte })
  for (const block of blocks) parser.write(block)
  parser.end()
  return builder.tree!
}

/** What `parse` takes must be the NAR of the tree it gives: no tree has two NARs. */
function parsesToItselfOrThrows(bytes: Uint8Array): void {
  const tree = parsesOrThrows(() => parse([bytes]), 'nar')
  if (tree) assert.deepEqual(narOf(tree), bytes)
}

describe('NAR parser', () => {
  for (const name of [...goldenNames('nar', '.nar'), ...goldenNames('cache/nar', '.nar')]) {
    it(`reads ${name}, made by Nix`, () =>
      assert.deepEqual(narOf(parse([goldenBytes(name)])), goldenBytes(name)))
  }

  it('gives back every tree that was written', () => {
    fc.assert(fc.property(anyTree, (tree) => assert.deepEqual(narOf(parse(writeNar(tree))), narOf(tree))))
  })

  it('finds the same in a stream however it is cut', () => {
    fc.assert(
      fc.property(anyTree, fc.array(fc.nat(40), { maxLength: 200 }), (tree, cuts) => {
        assert.deepEqual(parse(splitAt(narOf(tree), cuts)), parse([narOf(tree)]))
      }),
    )
  })

  it('finds the same in a stream byte by byte', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        assert.deepEqual(
          parse(
            splitAt(
              narOf(tree),
              Array.from(narOf(tree), () => 1),
            ),
          ),
          parse([narOf(tree)]),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('takes nothing but the one NAR of a tree, whatever the bytes', () => {
    const start = anyTree.chain((tree) =>
      fc.nat(narOf(tree).length).map((length) => narOf(tree).slice(0, length)),
    )
    fc.assert(
      fc.property(start, fc.uint8Array(), (start, rest) =>
        parsesToItselfOrThrows(Uint8Array.of(...start, ...rest)),
      ),
    )
    fc.assert(fc.property(fc.uint8Array(), parsesToItselfOrThrows))
  })

  it('takes nothing but the one NAR of a tree when bytes of it are changed', () => {
    const change = fc.record({
      at: fc.maxSafeNat(),
      byte: fc.oneof(fc.constantFrom(0, 1, 8, 255), fc.nat(255)),
    })
    fc.assert(
      fc.property(anyTree, fc.array(change, { minLength: 1, maxLength: 4 }), (tree, changes) => {
        const bytes = narOf(tree)
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte
        parsesToItselfOrThrows(bytes)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes nothing but the one NAR of a tree when words of it are moved', () => {
    const range = fc.record({ from: fc.nat(400), length: fc.nat(20), to: fc.nat(400) })
    fc.assert(
      fc.property(anyTree, range, (tree, { from, length, to }) => {
        const words = splitAt(
          narOf(tree),
          Array.from({ length: narOf(tree).length / 8 }, () => 8),
        )
        const moved = words.slice(from, from + length)
        parsesToItselfOrThrows(new Uint8Array(Buffer.concat(words.toSpliced(to, 0, ...moved))))
        parsesToItselfOrThrows(new Uint8Array(Buffer.concat(words.toSpliced(from, length))))
      }),
      { numRuns: 1000 },
    )
  })

  it('tells its visitor where contents begin', () => {
    const bytes = narOf({
      type: 'directory',
      entries: [
        ['a', { type: 'regular', contents: Buffer.from('AAAA') }],
        ['b', { type: 'regular', contents: Buffer.from('BBBB') }],
      ],
    })
    const found: string[] = []
    const parser = new NarParser({
      file: ({ offset, size }) =>
        void found.push(Buffer.from(bytes.subarray(offset, offset + size)).toString()),
    })
    parser.write(bytes)
    assert.deepEqual(found, ['AAAA', 'BBBB'])
  })

  it('counts what it has read', () => {
    const parser = new NarParser({})
    for (const block of splitAt(goldenBytes('nar/hello.nar'), [1, 50])) parser.write(block)
    assert.equal(parser.size, 120)
  })

  it('hands contents through without copying them', () => {
    const bytes = goldenBytes('nar/hello.nar')
    const pieces: Uint8Array[] = []
    new NarParser({ contents: (piece) => void pieces.push(piece) }).write(bytes)
    assert.deepEqual(
      pieces.map((piece) => piece.buffer === bytes.buffer),
      [true],
    )
  })

  it('passes 2 GiB of contents in a moment and keeps none of it', () => {
    const block = new Uint8Array(mebibyte)
    let passed = 0
    const visitor: NarVisitor = { contents: (bytes) => void (passed += bytes.length) }
    const parser = new NarParser(visitor)
    const header = narOf({ type: 'regular', contents: block }).subarray(0, 96)
    new DataView(header.buffer).setBigUint64(88, BigInt(2048 * mebibyte), true)
    parser.write(header)
    const before = process.memoryUsage().rss
    for (let i = 0; i < 2048; i++) parser.write(block)
    assert.ok(process.memoryUsage().rss - before < 16 * mebibyte)
    assert.equal(passed, 2048 * mebibyte)
  })
})
