import * as fc from 'fast-check'

const digit = fc.constantFrom(...'0123456789abcdfghijklmnpqrsvwxyz'.split(''))
const storeHash = fc.string({ unit: digit, minLength: 32, maxLength: 32 })

/** Hashes of which some begin as others end, so that occurrences overlap. */
const overlappingHashes = fc
  .string({ unit: fc.constantFrom('0', 'a'), minLength: 33, maxLength: 36 })
  .map((text) => Array.from({ length: text.length - 31 }, (_, i) => text.slice(i, i + 32)))

/** None is there twice. */
export const anyHashes = fc
  .oneof(fc.array(storeHash, { maxLength: 6 }), overlappingHashes)
  .map((hashes) => Array.from(new Set(hashes)))

/** Pieces of content: text around hashes, hashes (by index), and parts of hashes. */
const anyPiece = fc.oneof(
  { weight: 3, arbitrary: fc.record({ hash: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ hash: fc.nat(5), from: fc.nat(32), to: fc.nat(32) }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }).map((bytes) => ({ bytes })) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: digit, maxLength: 40 }).map((text) => ({ bytes: Buffer.from(text) })),
  },
  {
    weight: 1,
    arbitrary: fc.nat(600).map((size) => ({ bytes: new Uint8Array(size).map((_, i) => (i * i * 31) >> 3) })),
  },
)
export type Piece =
  | { readonly bytes: Uint8Array }
  | { readonly hash: number; readonly from?: number; readonly to?: number }

export const anyPieces: fc.Arbitrary<Piece[]> = fc.array(anyPiece, { maxLength: 40 })

export function contentOf(pieces: readonly Piece[], hashes: readonly string[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      pieces.map((piece) => {
        if ('bytes' in piece) return piece.bytes
        const text = hashes[piece.hash % Math.max(hashes.length, 1)] ?? ''
        return Buffer.from(text.slice(piece.from, piece.to))
      }),
    ),
  )
}
