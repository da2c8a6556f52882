// Cuts a NAR into chunks that a rebuild does not change. Between two builds against different dependencies nearly all
// bytes are the same except the store hashes in them, so these are taken out first:
//
//   1. Every occurrence of a store hash the NAR may refer to is a hole, found from left to right; they do not overlap.
//   2. Holes are filled with zeros.
//   3. What results is cut by content, never inside a hole: a cut that would fall into one moves to its start.
//
// The same bytes and hashes give the same chunks, however the stream is divided into blocks and in whatever order the
// hashes are given. Readers never cut, so other sizes or another gear table (then a higher `cutVersion`) only mean that
// chunks cut before and after have little in common.

import { ByteQueue } from '../byte-queue.ts'
import { findCutPoint } from './cut-point.ts'
import type { CutSizes } from './cut-point.ts'
import { holeBytes } from './hole.ts'
import type { Hole, Pattern } from './hole.ts'
import { StoreHashFinder } from './store-hash-finder.ts'

/** A piece of a NAR. */
export interface Chunk {
  /** With zeros in the holes. */
  readonly bytes: Uint8Array
  readonly pattern: Pattern
  /** The store hashes that fill the slots of the pattern in this NAR. */
  readonly hashes: readonly string[]
}

/** Sender and receiver cut alike if they have the same version. */
export const cutVersion = 1

/**
 * In bytes. Larger chunks compress better, smaller ones have more in common with other versions. Measured with zstd 3
 * against one stream for each NAR: 241 Debian packages of programs take 1.05, 1.03 and 1.02 times as much with averages
 * of 256 KiB, 512 KiB and 1 MiB; the next versions of eight npm packages take 0.54, 0.60 and 0.72 of theirs.
 */
export const cutSizes: CutSizes = Object.freeze({ min: 256 * 1024, average: 512 * 1024, max: 2048 * 1024 })

/** What a cutter needs. Where many NARs are cut one after another they share it: taking it anew costs more than cutting. */
export interface CutMemory {
  readonly queue: ByteQueue
  /** Bytes for a chunk, with anything in them. */
  allocate(size: number): Uint8Array
}

/** Takes a NAR in blocks of any size, and gives each chunk once it is known; keeps about two chunks and a block. */
export class NarCutter {
  readonly #storeHashes: readonly string[]
  readonly #sizes: CutSizes
  readonly #finder: StoreHashFinder
  readonly #queue: ByteQueue
  readonly #memory: CutMemory
  /** In the queue. */
  #found: FoundHash[] = []
  /** Bytes of the queue in which all holes have been found and blanked. */
  #searched = 0

  /** `storeHashes`: of the path's references and its own. Throws `FormatError` unless all are 32 characters of nix32. */
  constructor(storeHashes: readonly string[], sizes = cutSizes, memory = freshMemory()) {
    this.#storeHashes = storeHashes
    this.#sizes = sizes
    this.#memory = memory
    this.#queue = memory.queue
    this.#queue.clear()
    this.#finder = new StoreHashFinder(storeHashes)
  }

  write(bytes: Uint8Array): Chunk[] {
    const chunks: Chunk[] = []
    const { max } = this.#sizes
    for (let at = 0; at < bytes.length; at += max) {
      this.#queue.append(bytes.subarray(at, at + max))
      this.#blankHashes()
      while (this.#searched >= max) chunks.push(this.#takeChunk())
    }
    return chunks
  }

  /** The rest. */
  end(): Chunk[] {
    const chunks: Chunk[] = []
    this.#searched = this.#queue.bytes.length
    while (this.#searched > 0) chunks.push(this.#takeChunk())
    return chunks
  }

  #blankHashes(): void {
    const { bytes } = this.#queue
    this.#searched = this.#finder.find(bytes, this.#searched, (offset, index) => {
      this.#found.push({ offset, index })
      bytes.fill(0, offset, offset + holeBytes)
    })
  }

  #takeChunk(): Chunk {
    const { size, found } = this.#findEnd()
    const holes = this.#found.slice(0, found)
    this.#found = this.#found.slice(found).map(({ offset, index }) => ({ offset: offset - size, index }))
    this.#searched -= size
    return { bytes: this.#queue.take(size, this.#memory.allocate(size)), ...this.#numberSlots(holes) }
  }

  /** Of the next chunk: bytes, and how many holes they have. */
  #findEnd(): { size: number; found: number } {
    const size = findCutPoint(this.#queue.bytes, this.#searched, this.#sizes)
    const next = this.#found.findIndex(({ offset }) => offset + holeBytes > size)
    const found = next === -1 ? this.#found.length : next
    return { size: Math.min(size, this.#found[found]?.offset ?? size), found }
  }

  #numberSlots(holes: readonly FoundHash[]): { pattern: Hole[]; hashes: string[] } {
    const slots = new Map<number, number>()
    const pattern = holes.map(({ offset, index }) => {
      const slot = slots.get(index) ?? slots.size
      slots.set(index, slot)
      return { offset, slot }
    })
    return { pattern, hashes: [...slots.keys()].map((index) => this.#storeHashes[index] ?? '') }
  }
}

function freshMemory(): CutMemory {
  return { queue: new ByteQueue(), allocate: (size) => new Uint8Array(size) }
}

interface FoundHash {
  readonly offset: number
  readonly index: number
}
