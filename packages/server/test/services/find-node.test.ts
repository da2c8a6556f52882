import assert from 'node:assert/strict'
import { test } from 'node:test'

import { findNode } from '../../src/services/find-node.ts'
import type { ListingNode } from '../../src/services/find-node.ts'

const storePath = '/nix/store/0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c-x'
const root: ListingNode = directory({
  file: file(1),
  link: link('file'),
  up: link('../file'),
  own: link(`${storePath}/bin/tool`),
  other: link('/nix/store/1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d-y/file'),
  prefix: link(`${storePath}-more/file`),
  loop: link('loop'),
  folder: link('bin'),
  bin: directory({
    tool: file(2),
    alias: link('./tool'),
    over: link('../file'),
    out: link('../../file'),
    ['__proto__']: file(3),
  }),
})

const found: Record<string, number> = {
  file: 1,
  '/file': 1,
  './/file': 1,
  link: 1,
  own: 2,
  'bin/alias': 2,
  'bin/over': 1,
  'folder/tool': 2,
  'folder/../file': 1,
  'bin/__proto__': 3,
}
for (const [path, narOffset] of Object.entries(found)) {
  test(`${path} is found`, () => {
    assert.deepEqual(findNode(root, { storePath, path }), { outcome: 'file', size: 10, narOffset })
  })
}

const missing: Record<string, RegExp> = {
  '': /is a directory/,
  bin: /is a directory/,
  folder: /is a directory/,
  nothing: /There is no/,
  'bin/nothing': /There is no/,
  'file/x': /is not a directory/,
  'link/x': /is not a directory/,
  '../file': /leads out/,
  up: /leads out/,
  'bin/out': /leads out/,
  other: /leads out of .*, to \/nix\/store\/1d1d/,
  prefix: /leads out/,
  loop: /too many links/,
  constructor: /There is no/,
  __proto__x: /There is no/,
}
for (const [path, reason] of Object.entries(missing)) {
  test(`${JSON.stringify(path)} is not, and a sentence says why`, () => {
    const node = findNode(root, { storePath, path })
    assert.equal(node.outcome, 'none')
    assert.match(node.outcome === 'none' ? node.reason : '', reason)
  })
}

test('a store path may be a file itself', () => {
  assert.equal(findNode(file(96), { storePath, path: '' }).outcome, 'file')
  assert.equal(findNode(file(96), { storePath, path: 'x' }).outcome, 'none')
})

function file(narOffset: number): ListingNode {
  return { type: 'regular', size: 10, narOffset }
}

function link(target: string): ListingNode {
  return { type: 'symlink', target }
}

function directory(entries: Record<string, ListingNode>): ListingNode {
  return { type: 'directory', entries }
}
