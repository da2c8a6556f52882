import { FormatError } from '../format-error.ts'
import { latin1Bytes } from '../latin1.ts'

/** Characters of the hash in a store path, and so bytes of a hole. */
export const holeBytes = 32

/** Where 32 bytes of a store hash go. Everything with the same slot is filled with the same hash. */
export interface Hole {
  /** Bytes from the start of whatever the hole is in. */
  readonly offset: number
  /** Slots are numbered from 0 in the order in which they first appear. */
  readonly slot: number
}

/** Holes from left to right that do not overlap: a chunk's, or in a frame the raw bytes that make them. */
export type Pattern = readonly Hole[]

/** How many different hashes fill the pattern. */
export function countSlots(pattern: Pattern): number {
  return pattern.reduce((count, { slot }) => Math.max(count, slot + 1), 0)
}

/** Writes over the holes, in place; `hashes` has the 32 ASCII characters, or any 32 bytes, for each slot. */
export function fillHoles(
  bytes: Uint8Array,
  pattern: Pattern,
  hashes: readonly (string | Uint8Array)[],
): void {
  const fillings = hashes.map((hash) => (typeof hash === 'string' ? latin1Bytes(hash) : hash))
  for (const { offset, slot } of pattern) {
    const filling = fillings[slot]
    if (filling?.length !== holeBytes)
      throw new FormatError('chunk', `Nothing to fill the hole at ${offset} with.`)
    bytes.set(filling, offset)
  }
}

/** Zeroes the holes, in place. */
export function blankHoles(bytes: Uint8Array, pattern: Pattern): void {
  for (const { offset } of pattern) bytes.fill(0, offset, offset + holeBytes)
}
