import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { decodeRecipe, encodeRecipe, recipeSize, sliceRecipe } from '../src/recipe.ts'
import type { Patch, Recipe, Run } from '../src/recipe.ts'
import { anyStoreHash, sha256Name } from './arbitrary-names.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const anyRecipe = recipesWithNumbersUpTo(2 ** 40)
const smallRecipe = recipesWithNumbersUpTo(100)

function recipesWithNumbersUpTo(max: number): fc.Arbitrary<Recipe> {
  const number = fc.integer({ min: 0, max })
  const runs = fc.array(
    fc.record({ pack: sha256Name, offset: number, length: number }, { noNullPrototype: true }),
  )
  const gaps = fc.array(fc.tuple(fc.nat(200), anyStoreHash))
  return fc.tuple(runs, gaps).map(([runs, gaps]) => ({ runs, patches: patchesWithin(runs, gaps) }))
}

function patchesWithin(runs: readonly Run[], gaps: readonly (readonly [number, string])[]): Patch[] {
  const patches: Patch[] = []
  let end = 0
  for (const [gap, hash] of gaps) {
    patches.push({ offset: end + gap, hash })
    end += gap + 32
  }
  return patches.filter(({ offset }) => offset + 32 <= recipeSize({ runs }))
}

/** What a recipe makes of packs in which each byte tells its pack and offset. */
function bytesOf({ runs, patches }: Recipe): string[] {
  const bytes = runs.flatMap(({ pack, offset, length }) =>
    Array.from({ length }, (_, i) => `${pack}@${offset + i}`),
  )
  for (const { offset, hash } of patches) {
    for (const [i, character] of hash.split('').entries()) {
      if (offset + i in bytes) bytes[offset + i] = character
    }
  }
  return bytes
}

describe('recipe', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => assert.deepEqual(decodeRecipe(encodeRecipe(recipe)), recipe)),
    )
  })

  it('is read from any bytes or its own error thrown', () => {
    const encoded = smallRecipe.map(encodeRecipe)
    const damaged = fc.tuple(encoded, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
      return bytes.with(at % bytes.length, byte)
    })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const recipe = parsesOrThrows(() => decodeRecipe(bytes), 'recipe')
        if (recipe) assert.deepEqual(encodeRecipe(recipe), bytes)
      }),
    )
  })

  it('has the size of its runs together', () => {
    fc.assert(fc.property(smallRecipe, (recipe) => assert.equal(recipeSize(recipe), bytesOf(recipe).length)))
  })

  it('is cut to the bytes of a range, also inside a hash', () => {
    fc.assert(
      fc.property(smallRecipe, fc.nat(200), fc.nat(200), (recipe, start, end) => {
        const slice = sliceRecipe(recipe, start, end)
        assert.deepEqual(bytesOf(slice), bytesOf(recipe).slice(start, end))
        assert.ok(slice.runs.every((run) => run.length > 0))
      }),
    )
  })

  it('is as its description shows', () => {
    const runs = [{ pack: 'ab'.repeat(32), offset: 70, length: 1000 }]
    const hash = '0'.repeat(32)
    const recipe = {
      runs,
      patches: [
        { offset: 300, hash },
        { offset: 332, hash },
      ],
    }
    const text = Buffer.from(encodeRecipe(recipe)).toString('hex')
    assert.equal(text, `010100${'ab'.repeat(32)}46e80702ac0200${'00'.repeat(20)}0000`)
  })

  it('costs a rebuilt path little: two bytes or so for each place, twenty for each hash', () => {
    const hashes = Array.from({ length: 10 }, (_, i) => String(i).repeat(32))
    const patches = Array.from({ length: 200 }, (_, i) => ({ offset: i * 150, hash: hashes[i % 10]! }))
    const runs = [{ pack: 'ab'.repeat(32), offset: 0, length: 100_000 }]
    assert.ok(encodeRecipe({ runs, patches }).length < 900)
  })

  for (const [what, recipe] of [
    ['a pack that is named by anything but a hash', { runs: [{ pack: '../../etc', offset: 0, length: 1 }] }],
    ['bytes before the start', { runs: [{ pack: '0'.repeat(64), offset: -1, length: 9 }] }],
    ['half a byte', { runs: [{ pack: '0'.repeat(64), offset: 0.5, length: 0.5 }] }],
    ['less than no bytes', { runs: [{ pack: '0'.repeat(64), offset: 9, length: -1 }] }],
    ['a patch that sticks out', { patches: [{ offset: 69, hash: '0'.repeat(32) }] }],
    ['a patch before the start', { patches: [{ offset: -1, hash: '0'.repeat(32) }] }],
    ['a patch that is no hash', { patches: [{ offset: 0, hash: 'e'.repeat(32) }] }],
    ['patches that overlap', { patches: [0, 31].map((offset) => ({ offset, hash: '0'.repeat(32) })) }],
  ] as const) {
    it(`refuses ${what}`, () => {
      const runs = [{ pack: '0'.repeat(64), offset: 0, length: 100 }]
      assert.throws(() => encodeRecipe({ runs, patches: [], ...recipe }), {
        name: 'FormatError',
        code: 'recipe',
      })
    })
  }

  it('refuses a version it does not know, and no bytes at all', () => {
    assert.throws(() => decodeRecipe(Uint8Array.of(2, 0, 0)), { code: 'recipe' })
    assert.throws(() => decodeRecipe(new Uint8Array()), { code: 'recipe' })
  })
})
