import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import { countSlots, decodeChunkLayout, fillHoles, holeBytes } from '@cachix/protocol'
import type { Patch, Recipe, Run } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { StoredChunk } from '../../database/cache-database.ts'
import { explained } from './explain-format.ts'

/** A chunk, and what fills its slots. */
export interface FilledFrame extends StoredChunk {
  /** Store hashes. */
  readonly hashes: readonly string[]
}

/** The file that is served: frames of packs with hashes laid over them. */
export class ServedFile {
  readonly #hash: Hash | undefined
  readonly #runs: Run[] = []
  readonly #patches: Patch[] = []
  #size = 0

  /** `hash`: is given the bytes of the file. */
  constructor(hash: Hash | undefined = createHash('sha256')) {
    this.#hash = hash
  }

  /** Lays the hashes over the frame. */
  write(chunk: FilledFrame, frame: Uint8Array): void {
    const { pattern, patches } = explained('damaged', () => decodeChunkLayout(chunk.layout, chunk))
    if (countSlots(pattern) !== chunk.hashes.length) {
      throw new CacheError(
        'bad-request',
        `The recipe gives chunk ${chunk.name} a wrong number of store hashes.`,
      )
    }
    for (const { offset, slot } of patches) {
      const hash = chunk.hashes[slot] ?? ''
      if (textAt(frame, offset) !== hash) this.#patches.push({ offset: this.#size + offset, hash })
    }
    explained('damaged', () => fillHoles(frame, patches, chunk.hashes))
    this.#hash?.update(frame)
    this.#addRun(chunk)
    this.#size += chunk.length
  }

  end(): Recipe & { readonly fileSize: number } {
    return { runs: this.#runs, patches: this.#patches, fileSize: this.#size }
  }

  /** Frames that follow one another in a pack are one run. */
  #addRun({ pack, offset, length }: FilledFrame): void {
    const last = this.#runs.at(-1)
    if (last?.pack === pack && last.offset + last.length === offset) {
      this.#runs[this.#runs.length - 1] = { ...last, length: last.length + length }
    } else this.#runs.push({ pack, offset, length })
  }
}

function textAt(bytes: Uint8Array, offset: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, holeBytes).toString('latin1')
}
