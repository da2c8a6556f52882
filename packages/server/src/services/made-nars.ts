import { LRUCache } from 'lru-cache'

import type { AssembledNar } from './assemble-path.ts'

const maxBytes = 16 * 1024 ** 2
/** Of what an entry has beside its bytes, roughly. */
const entryBytes = 512

/**
 * NARs that were put together and checked when their chunks came in, remembered until they are published. What a recipe
 * makes never changes; who may use its chunks, and whether they are still where they were, is to be asked at the time.
 */
export class MadeNars {
  /** By the SHA-256 of the chunk recipe. */
  readonly #nars = new LRUCache<string, AssembledNar>({
    maxSize: maxBytes,
    sizeCalculation: ({ nar }) => entryBytes + nar.recipe.length + nar.listing.template.length,
  })

  remember(recipeHash: string, made: AssembledNar): void {
    this.#nars.set(recipeHash, made)
  }

  find(recipeHash: string): AssembledNar | undefined {
    return this.#nars.get(recipeHash)
  }
}
