/** How a NAR may come, by the names that the `Compression` of a narinfo has for it. */
export const compressions = [
  'none',
  'xz',
  'zstd',
  'bzip2',
  'gzip',
  'br',
  'lz4',
  'lzip',
  'lzma',
  'compress',
] as const
export type Compression = (typeof compressions)[number]

/** The ways a file may begin. Brotli has none of its own. */
const beginnings: readonly (readonly [Compression, readonly number[]])[] = [
  // The length of `nix-archive-1`, as a NAR begins.
  ['none', [0x0d, 0, 0, 0, 0, 0, 0, 0]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['gzip', [0x1f, 0x8b]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['lzip', [0x4c, 0x5a, 0x49, 0x50]],
  // lc, lp and pb as every encoder sets them, and a dictionary of no odd size.
  ['lzma', [0x5d, 0x00, 0x00]],
  ['compress', [0x1f, 0x9d]],
]

/** What a file that begins with these bytes is compressed with; undefined if that is not one of `compressions`. */
export function detectCompression(start: Uint8Array): Exclude<Compression, 'br'> | undefined {
  const found = beginnings.find(([, bytes]) => bytes.every((byte, index) => start[index] === byte))
  return found?.[0] as Exclude<Compression, 'br'> | undefined
}

/** The compression of this name, if it is one of `compressions`. */
export function asCompression(name: string): Compression | undefined {
  return compressions.find((known) => known === name)
}

/** How files begin that libarchive has programs write for it, which Nix therefore offers too. */
const refused: readonly (readonly [string, readonly number[]])[] = [
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f]],
  ['lrzip', [0x4c, 0x52, 0x5a, 0x49]],
  ['grzip', [0x47, 0x52, 0x5a, 0x69, 0x70]],
]

/** For people whose file is in no compression that is taken: what to do about it. `start` are its first bytes, if it is here. */
export function explainUnsupported(start: Uint8Array = new Uint8Array(0)): string {
  const found = refused.find(([, bytes]) => bytes.every((byte, index) => start[index] === byte))
  const what =
    found === undefined
      ? 'This is not compressed in a way that this service takes.'
      : `This is compressed with ${found[0]}, which this service does not take.`
  const others = compressions.filter((name) => name !== 'zstd').join(', ')
  return `${what} Have it sent with compression=zstd (to Nix, that is a part of the store's URL), or one of ${others}.`
}
