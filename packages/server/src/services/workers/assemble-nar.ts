import { createHash } from 'node:crypto'

import { decodeFrame } from '@cachix/frames'
import { countSlots, decodeChunkLayout, encodeRecipe, fillHoles, holeBytes } from '@cachix/protocol'
import type { Patch, Run } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { Nar, StoredChunk } from '../../database/cache-database.ts'
import { CappedListing } from './capped-listing.ts'
import { explained } from './explain-format.ts'
import { findBuildIds } from './find-build-ids.ts'
import { FrameFiles } from './frame-files.ts'
import type { JobContext } from './job-context.ts'
import { storedListing } from './stored-listing.ts'
import { NarCheck } from './nar-check.ts'

export interface NarParts {
  readonly chunks: readonly NarPart[]
}

/** A chunk, and what fills its slots. */
export interface NarPart extends StoredChunk {
  /** The file that is the chunk's pack. */
  readonly path: string
  /** Store hashes. */
  readonly hashes: readonly string[]
}

/**
 * Reads the stored frames a NAR consists of, lays its hashes over them, and tells what that file and the NAR in it are.
 * Throws `invalid-nar` and `too-large`, and `damaged` if that comes to nothing because of the frames.
 */
export function assembleNar({ chunks }: NarParts, context: JobContext): Nar {
  const listing = new CappedListing(context.limits.maxListingSize)
  const nar = new NarCheck(context.limits.maxNarSize, listing)
  const file = new ServedFile()
  const source = new FrameFiles()
  try {
    for (const chunk of chunks) {
      context.checkCancelled()
      const frame = source.read(chunk)
      if (frame.length < chunk.length) throw new CacheError('damaged', `Pack ${chunk.pack} is cut short.`)
      file.write(chunk, frame)
      nar.write(explained('damaged', () => decodeFrame(frame, chunk.contentSize)))
    }
  } finally {
    source.close()
  }
  const hashes = new Set(chunks.flatMap((chunk) => chunk.hashes))
  const verified = { ...file.end(), ...nar.end() }
  const tree = listing.listing()
  return { ...verified, listing: storedListing(tree, hashes), buildIds: tree ? findBuildIds(tree) : [] }
}

/** The file that is served: frames of packs with hashes laid over them. */
class ServedFile {
  readonly #hash = createHash('sha256')
  readonly #runs: Run[] = []
  readonly #patches: Patch[] = []
  #size = 0

  /** Lays the hashes over the frame. */
  write(chunk: NarPart, frame: Uint8Array): void {
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
    this.#hash.update(frame)
    this.#addRun(chunk)
    this.#size += chunk.length
  }

  end(): Pick<Nar, 'fileHash' | 'fileSize' | 'recipe'> {
    const recipe = encodeRecipe({ runs: this.#runs, patches: this.#patches })
    return { fileHash: this.#hash.digest('hex'), fileSize: this.#size, recipe }
  }

  /** Frames that follow one another in a pack are one run. */
  #addRun({ pack, offset, length }: NarPart): void {
    const last = this.#runs.at(-1)
    if (last?.pack === pack && last.offset + last.length === offset) {
      this.#runs[this.#runs.length - 1] = { ...last, length: last.length + length }
    } else this.#runs.push({ pack, offset, length })
  }
}

function textAt(bytes: Uint8Array, offset: number): string {
  return Buffer.from(bytes.subarray(offset, offset + holeBytes)).toString('latin1')
}
