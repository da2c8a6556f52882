import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import { decodeChunkLayout, encodeRecipe, fillHoles } from '@cachix/protocol'
import type { FilledChunk } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { Nar, NewChunks } from '../../database/cache-database.ts'
import type { JobLimits } from './job-context.ts'
import { ListedNar } from './listed-nar.ts'
import { ServedFile } from './served-file.ts'

export type NewChunk = NewChunks['chunks'][number]

export interface NarOfBundle {
  readonly recipe: readonly FilledChunk[]
  /** The served file will be the whole pack, unless hashes are laid over it. */
  readonly isWholePack: boolean
}

/** The pack has no name before all of it is written. */
const thisPack = ''

/** A NAR whose frames follow one another in a bundle, checked as they come by. What is wrong with it is for publishing to say. */
export class BundledNar {
  readonly #recipe: readonly FilledChunk[]
  readonly #nar: ListedNar
  readonly #hash: Hash | undefined
  readonly #file: ServedFile
  #count = 0
  #isWrong = false

  constructor({ recipe, isWholePack }: NarOfBundle, limits: JobLimits) {
    this.#recipe = recipe
    this.#nar = new ListedNar(limits)
    this.#hash = isWholePack ? undefined : createHash('sha256')
    this.#file = new ServedFile(this.#hash)
  }

  /** Whether all its frames have come by. */
  get isComplete(): boolean {
    return this.#count === this.#recipe.length
  }

  /** Lays its hashes over the frame, and fills the holes of the chunk. */
  write(chunk: NewChunk, frame: Uint8Array, content: Uint8Array): void {
    const hashes = this.#recipe[this.#count++]?.hashes ?? []
    this.#attempt(() => {
      this.#file.write({ ...chunk, pack: thisPack, hashes }, frame)
      fillHoles(content, decodeChunkLayout(chunk.layout, chunk).pattern, hashes)
      this.#nar.write(content)
    })
  }

  /** What it is once its pack has a name; undefined if it is wrong. */
  end(): (pack: string) => Nar | undefined {
    const nar = this.#attempt(() => this.#nar.end(this.#recipe.flatMap((chunk) => chunk.hashes)))
    const { fileSize, patches, runs } = this.#file.end()
    const fileHash = this.#hash?.digest('hex')
    return (pack) => {
      const isNamed = fileHash !== undefined || patches.length === 0
      if (nar === undefined || !isNamed) return undefined
      const recipe = encodeRecipe({
        patches,
        runs: runs.map(({ offset, length }) => ({ pack, offset, length })),
      })
      return { ...nar, fileHash: fileHash ?? pack, fileSize, recipe }
    }
  }

  #attempt<T>(work: () => T): T | undefined {
    if (this.#isWrong) return undefined
    try {
      return work()
    } catch (error) {
      if (!(error instanceof CacheError)) throw error
      this.#isWrong = true
      return undefined
    }
  }
}
