import type { Bar, Figure } from '../figure.ts'

/** Bytes beside those of the same NARs as one zstd stream each, which is what other caches keep. */
export function againstWhole(
  what: string,
  { bytes, whole }: { readonly bytes: number; readonly whole: number },
  bar?: Bar,
): Figure {
  const peer = { name: 'whole NARs, zstd', samples: [whole / 1000] }
  return { what, unit: 'kB', ours: { samples: [bytes / 1000] }, peer, ...(bar && { bar }) }
}
