import type { Chunk } from '@cachix/protocol'
import { NarCutter } from '@cachix/protocol'
import * as fc from 'fast-check'
import { anyHashes, anyPieces, contentOf } from '../../protocol/test/cut/any-content.ts'

/** Of any content with any hashes. */
export const anyChunk: fc.Arbitrary<Chunk> = fc
  .tuple(anyPieces, anyHashes)
  .map(([pieces, hashes]) => cutWhole(contentOf(pieces, hashes), hashes))
  .filter((chunk) => chunk !== undefined)

/** The first chunk, which is all if it is small. */
export function cutWhole(content: Uint8Array, hashes: readonly string[]): Chunk | undefined {
  const cutter = new NarCutter(hashes)
  return [...cutter.write(content), ...cutter.end()][0]
}

/** The store hash with this number. */
export function hashOf(number: number): string {
  const digits = '0123456789abcdfghijklmnpqrsvwxyz'
  let state = number * 7919 + 1
  return Array.from({ length: 32 }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return digits.charAt((state >>> 16) & 31)
  }).join('')
}

/** Lines like the targets of the symlinks in a user environment. */
export function linesOf(links: number, hashes: readonly string[]): Uint8Array {
  const lines = Array.from({ length: links }, (_, i) => {
    const number = (i * 7919) % hashes.length
    return `/nix/store/${hashes[number]}-package-${number % 17}.${number % 5}/share/man/man${i % 8}/${hashOf(i).slice(20)}.gz\n`
  })
  return new Uint8Array(Buffer.from(lines.join('')))
}
