import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { baseNameOf, isStoreHash, parseBaseName, parseStorePath } from '../src/store-path.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const hash = '7bpmq4jwac1c8xxpkddn4m2rp8vsv0m7'

describe('store path', () => {
  it('is a store directory, a hash and a name', () => {
    const path = { storeDir: '/nix/store', hash, name: 'tree-1.0' }
    assert.deepEqual(parseStorePath(`/nix/store/${hash}-tree-1.0`), path)
    assert.deepEqual(parseStorePath(`/s/${hash}-tree`, '/s'), { storeDir: '/s', hash, name: 'tree' })
    assert.equal(baseNameOf(`/nix/store/${hash}-tree`), `${hash}-tree`)
  })

  for (const name of ['a', '.a', '...', '..a', 'A+b-c._d?e=f', 'x'.repeat(211)]) {
    it(`may be named ${name.slice(0, 20)}`, () =>
      assert.deepEqual(parseBaseName(`${hash}-${name}`), { hash, name }))
  }

  for (const name of ['', '.', '..', '.-a', '..-a', 'a/b', 'a b', 'a\n', 'ä', 'a:b', 'x'.repeat(212)]) {
    it(`may not be named ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.throws(() => parseBaseName(`${hash}-${name}`), { name: 'FormatError', code: 'store-path' })
    })
  }

  const bad = {
    'another store directory': `/gnu/store/${hash}-tree`,
    'a file inside a path': `/nix/store/${hash}-tree/bin`,
    'a base name where a full path is wanted': `${hash}-tree`,
    'a hash that is too short': `/nix/store/${hash.slice(1)}-tree`,
    'no hyphen after the hash': `/nix/store/${hash}_tree`,
    'two slashes': `/nix/store//${hash}-tree`,
    'letters nix32 does not have': `/nix/store/${'e'.repeat(32)}-tree`,
  }
  for (const [what, text] of Object.entries(bad)) {
    it(`is not ${what}`, () => assert.throws(() => parseStorePath(text), { code: 'store-path' }))
  }

  it('knows store hashes', () => {
    assert.ok(isStoreHash(hash))
    assert.ok(!isStoreHash(hash.toUpperCase()))
    assert.ok(!isStoreHash(`${hash}\n`))
  })

  it('reads any text or throws its own error', () => {
    const text = fc.string()
    fc.assert(
      fc.property(text, (text) => void parsesOrThrows(() => parseBaseName(`${hash}${text}`), 'store-path')),
    )
  })
})
