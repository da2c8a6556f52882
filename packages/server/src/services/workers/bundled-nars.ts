import { createHash } from 'node:crypto'

import { decodeChunkRecipe } from '@cachix/protocol'
import type { FilledChunk, PackedChunk } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { Nar } from '../../database/cache-database.ts'
import { BundledNar } from './bundled-nar.ts'
import type { NewChunk } from './bundled-nar.ts'
import { explained } from './explain-format.ts'
import type { JobContext } from './job-context.ts'

/** A NAR, and the SHA-256 in hex of the recipe that makes it. */
export interface MadeNar {
  readonly recipeHash: string
  readonly nar: Nar
}

interface Plan {
  readonly recipe: readonly FilledChunk[]
  readonly recipeHash: string
}

interface Bundle {
  readonly chunks: readonly PackedChunk[]
  /** Of NARs, each of chunks that follow one another. */
  readonly recipes: readonly Uint8Array[]
}

/** The NARs that a bundle has all frames of, in the order in which these come by. */
export class BundledNars {
  readonly #context: JobContext
  readonly #chunkCount: number
  /** By the number of the first chunk. */
  readonly #plans: ReadonlyMap<number, Plan>
  readonly #ended: { readonly recipeHash: string; readonly nar: (pack: string) => Nar | undefined }[] = []
  #current: (Plan & { readonly nar: BundledNar }) | undefined
  #position = 0

  /** Throws `bad-request` if the chunks of a recipe do not follow one another or are another's too. */
  constructor({ chunks, recipes }: Bundle, context: JobContext) {
    this.#context = context
    this.#chunkCount = chunks.length
    this.#plans = explained('bad-request', () => planNars(chunks, recipes))
  }

  /** The next chunk, which is new, with its frame and its contents: both are written over. */
  write(chunk: NewChunk, frame: Uint8Array, content: Uint8Array): void {
    const plan = this.#plans.get(this.#position++)
    if (plan !== undefined) {
      const isWholePack = plan.recipe.length === this.#chunkCount
      const nar = new BundledNar({ ...plan, isWholePack }, this.#context.limits)
      this.#current = { ...plan, nar }
    }
    this.#current?.nar.write(chunk, frame, content)
    if (this.#current?.nar.isComplete === true) this.#end(this.#current)
  }

  /** The next chunk is not new: a NAR it is in does not lie in this pack alone. */
  skip(): void {
    this.#position++
    this.#current = undefined
  }

  /** Those that are as they should be. */
  end(pack: string): MadeNar[] {
    return this.#ended.flatMap(({ recipeHash, nar }) => {
      const made = nar(pack)
      return made === undefined ? [] : [{ recipeHash, nar: made }]
    })
  }

  #end({ recipeHash, nar }: Plan & { readonly nar: BundledNar }): void {
    this.#ended.push({ recipeHash, nar: nar.end() })
    this.#current = undefined
  }
}

function planNars(chunks: readonly PackedChunk[], recipes: readonly Uint8Array[]): Map<number, Plan> {
  const positions = new Map(chunks.map(({ name }, position) => [name, position]))
  const plans = new Map<number, Plan>()
  const taken = new Set<number>()
  for (const bytes of recipes) {
    const recipe = decodeChunkRecipe(bytes)
    const first = positions.get(recipe[0]?.name ?? '') ?? chunks.length
    for (const [i, { name }] of recipe.entries()) {
      if (chunks[first + i]?.name !== name || taken.has(first + i)) throw refused()
      taken.add(first + i)
    }
    plans.set(first, { recipe, recipeHash: createHash('sha256').update(bytes).digest('hex') })
  }
  return plans
}

function refused(): CacheError {
  return new CacheError('bad-request', 'This bundle of chunks is refused: it has a recipe of other chunks.')
}
