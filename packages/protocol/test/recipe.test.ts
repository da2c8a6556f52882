import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { decodeRecipe, encodeRecipe, recipeSize, sliceRecipe } from '../src/recipe.ts'
import type { Recipe } from '../src/recipe.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const hexDigit = fc.constantFrom(...'0123456789abcdef'.split(''))
const name = fc.string({ unit: hexDigit, minLength: 64, maxLength: 64 })
const anyRecipe = recipesWithNumbersUpTo(2 ** 52 - 1)
const smallRecipe = recipesWithNumbersUpTo(32)

function recipesWithNumbersUpTo(max: number): fc.Arbitrary<Recipe> {
  const number = fc.integer({ min: 0, max })
  const run = fc.record({ pack: name, offset: number, length: number }, { noNullPrototype: true })
  return fc.array(run).map((runs) => ({ runs }))
}

/** What a recipe makes of packs in which each byte tells its pack and offset. */
function bytesOf(recipe: Recipe): string[] {
  return recipe.runs.flatMap(({ pack, offset, length }) =>
    Array.from({ length }, (_, i) => `${pack}@${offset + i}`),
  )
}

describe('recipe', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => assert.deepEqual(decodeRecipe(encodeRecipe(recipe)), recipe)),
    )
  })

  it('is read from any bytes or its own error thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isVersion1) => {
        if (isVersion1 && bytes.length > 0) bytes[0] = 1
        const recipe = parsesOrThrows(() => decodeRecipe(bytes), 'recipe')
        if (recipe) assert.deepEqual(encodeRecipe(recipe), bytes)
      }),
    )
  })

  it('has the size of its runs together', () => {
    fc.assert(fc.property(smallRecipe, (recipe) => assert.equal(recipeSize(recipe), bytesOf(recipe).length)))
  })

  it('is cut to the bytes of a range', () => {
    fc.assert(
      fc.property(smallRecipe, fc.nat(200), fc.nat(200), (recipe, start, end) => {
        const slice = sliceRecipe(recipe, start, end)
        assert.deepEqual(bytesOf(slice), bytesOf(recipe).slice(start, end))
        assert.ok(slice.runs.every((run) => run.length > 0))
      }),
    )
  })

  it('refuses to name a pack by anything but a hash', () => {
    const recipe = { runs: [{ pack: '../../etc', offset: 0, length: 1 }] }
    assert.throws(() => encodeRecipe(recipe), { name: 'FormatError', code: 'recipe' })
  })

  for (const { offset, length } of [
    { offset: -1, length: 9 },
    { offset: 0.5, length: 0.5 },
    { offset: 9, length: -1 },
  ]) {
    it(`refuses ${length} bytes at ${offset}`, () => {
      assert.throws(() => encodeRecipe({ runs: [{ pack: '0'.repeat(64), offset, length }] }), {
        code: 'recipe',
      })
    })
  }

  it('refuses a version it does not know, and an empty recipe', () => {
    assert.throws(() => decodeRecipe(Uint8Array.of(2)), { code: 'recipe' })
    assert.throws(() => decodeRecipe(new Uint8Array()), { code: 'recipe' })
  })
})
