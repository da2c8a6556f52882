import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { writeNar } from '../../src/nar/write-nar.ts'
import type { NarNode } from '../../src/nar/write-nar.ts'
import { openFile } from '../../src/nar/writer.ts'
import { encodeNix32 } from '../../src/nix32.ts'
import { goldenBytes } from '../golden.ts'

const file: NarNode = { type: 'regular', contents: new Uint8Array() }

describe('writeNar', () => {
  const nodes: Record<string, { node: NarNode; sha256: string }> = {
    hello: {
      node: { type: 'regular', contents: Buffer.from('hello') },
      sha256: '0sg9f58l1jj88w6pdrfdpj5x9b1zrwszk84j81zvby36q9whhhqa',
    },
    executable: {
      node: { type: 'regular', executable: true, contents: Buffer.from('#!/bin/sh\n') },
      sha256: '0m35wabrvlzjvv71f2xvca3vd91gh9mwvh4mm38h7yb0h9kc30v2',
    },
    symlink: {
      node: { type: 'symlink', target: 'target' },
      sha256: '0x67g3311ihxwarw846p2jc8wbxmv9bd8ryh7qjpp6d8yb56536b',
    },
    'empty-directory': {
      node: { type: 'directory', entries: [] },
      sha256: '0sjjj9z1dhilhpc8pq4154czrb79z9cm044jvn75kxcjv6v5l2m5',
    },
  }
  for (const [name, { node, sha256 }] of Object.entries(nodes)) {
    it(`makes of ${name} what Nix makes of it`, () => {
      const nar = Buffer.concat([...writeNar(node)])
      assert.deepEqual(new Uint8Array(nar), goldenBytes(`nar/${name}.nar`))
      assert.equal(encodeNix32(createHash('sha256').update(nar).digest()), sha256)
    })
  }

  let deep: NarNode = file
  for (let i = 0; i < 64; i++) deep = { type: 'directory', entries: [['d', deep]] }
  const bad: Record<string, NarNode> = {
    'two entries of one name': {
      type: 'directory',
      entries: [
        ['a', file],
        [Buffer.from('a'), file],
      ],
    },
    'the name "."': { type: 'directory', entries: [['.', file]] },
    'a name with a slash': { type: 'directory', entries: [['a/b', file]] },
    'a name of more than 255 bytes': { type: 'directory', entries: [['ä'.repeat(128), file]] },
    'an empty target': { type: 'symlink', target: '' },
    'a target with a zero byte': { type: 'symlink', target: '\0' },
    'a node 64 deep': deep,
  }
  for (const [what, tree] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => [...writeNar(tree)], { name: 'FormatError', code: 'nar' })
    })
  }

  it('refuses a size that is no number of bytes', () => {
    for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) {
      assert.throws(() => openFile({ size, executable: false }), { code: 'nar' })
    }
  })
})
