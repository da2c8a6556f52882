import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { decodeChunkRecipe, encodeChunkRecipe } from '../src/chunk-recipe.ts'
import { anyStoreHash, sha256Name } from './arbitrary-names.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const hashes = fc.array(anyStoreHash, { maxLength: 5 })
const recipe = fc.array(fc.record({ name: sha256Name, hashes }, { noNullPrototype: true }))

describe('chunk recipe', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(recipe, (chunks) => assert.deepEqual(decodeChunkRecipe(encodeChunkRecipe(chunks)), chunks)),
    )
  })

  it('is read from any bytes or its own error thrown', () => {
    const damaged = fc
      .tuple(recipe.map(encodeChunkRecipe), fc.nat(), fc.nat(255))
      .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const chunks = parsesOrThrows(() => decodeChunkRecipe(bytes), 'recipe')
        if (chunks) assert.deepEqual(encodeChunkRecipe(chunks), bytes)
      }),
    )
  })

  it('spells each store hash out once', () => {
    const chunk = { name: '0'.repeat(64), hashes: ['1'.repeat(32), '2'.repeat(32)] }
    const size = (count: number) => encodeChunkRecipe(Array.from({ length: count }, () => chunk)).length
    assert.equal(size(2) - size(1), 32 + 1 + 2)
    assert.equal(size(1), 2 + 32 + 1 + 2 * 21)
  })

  it('refuses counts that promise more than there is, without setting memory aside for it', () => {
    for (const bytes of [
      [1, 0xff, 0xff, 0xff, 0xff, 0x7f],
      [1, 1, ...Array<number>(32).fill(0), 0xff, 0xff, 0x7f],
    ]) {
      assert.throws(() => decodeChunkRecipe(Uint8Array.from(bytes)), { code: 'recipe', message: /cut short/ })
    }
  })

  it('refuses names and hashes that are none', () => {
    assert.throws(() => encodeChunkRecipe([{ name: 'x', hashes: [] }]), { code: 'recipe' })
    assert.throws(() => encodeChunkRecipe([{ name: '0'.repeat(64), hashes: ['e'.repeat(32)] }]), {
      code: 'recipe',
    })
  })
})
