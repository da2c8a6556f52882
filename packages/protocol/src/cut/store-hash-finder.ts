// Finds store hashes in bytes as Nix's own scanner for references does: look at the last of 32 bytes first, and where a
// byte is not in Nix's alphabet of 32, no hash can begin before the byte after it. Most of a binary is skipped that way.

import { FormatError } from '../format-error.ts'
import { latin1Bytes } from '../latin1.ts'
import { nix32Alphabet } from '../nix32.ts'
import { isStoreHash } from '../store-path.ts'
import { holeBytes } from './hole.ts'

const digitOf = new Int8Array(256).fill(-1)
for (const [digit, byte] of latin1Bytes(nix32Alphabet).entries()) digitOf[byte] = digit

interface Candidate {
  readonly bytes: Uint8Array
  /** Of another that begins with the same two digits, plus one; 0: none. */
  readonly next: number
}

export class StoreHashFinder {
  readonly #candidates: Candidate[] = []
  /** By the first two digits, the number of a candidate plus one. Plain zeros: small NARs must not wait for a thousand lists. */
  readonly #heads = new Uint32Array(1024)

  /** Throws `FormatError` unless all are 32 characters of nix32. */
  constructor(storeHashes: readonly string[]) {
    for (const hash of storeHashes) {
      if (!isStoreHash(hash))
        throw new FormatError('store-path', `"${hash}" is not the hash of a store path.`)
      const bytes = latin1Bytes(hash)
      const place = placeOf(bytes, 0)
      this.#heads[place] = this.#candidates.push({ bytes, next: this.#heads[place] ?? 0 })
    }
  }

  /**
   * Calls `found` for each occurrence from `from` on, from left to right; after one it goes on behind it. Returns where
   * to go on when more bytes have been appended: no hash that has been missed begins before that.
   */
  find(bytes: Uint8Array, from: number, found: (offset: number, index: number) => void): number {
    const last = bytes.length - holeBytes
    let at = from
    /** All bytes from `at` up to this one are in the alphabet. */
    let known = from
    while (at <= last) {
      let i = at + holeBytes - 1
      while (i >= known && (digitOf[bytes[i] as number] as number) >= 0) i--
      const isWindow = i < known
      known = at + holeBytes
      if (!isWindow) {
        at = i + 1
        continue
      }
      const index = this.#match(bytes, at)
      if (index >= 0) found(at, index)
      at += index >= 0 ? holeBytes : 1
    }
    return at
  }

  #match(bytes: Uint8Array, at: number): number {
    let number = this.#heads[placeOf(bytes, at)] ?? 0
    for (;;) {
      const candidate = this.#candidates[number - 1]
      if (candidate === undefined) return -1
      let i = 2
      while (i < holeBytes && bytes[at + i] === candidate.bytes[i]) i++
      if (i === holeBytes) return number - 1
      number = candidate.next
    }
  }
}

function placeOf(bytes: Uint8Array, at: number): number {
  return ((digitOf[bytes[at] ?? 0] ?? 0) << 5) | (digitOf[bytes[at + 1] ?? 0] ?? 0)
}
