import { CacheError } from '../cache-error.ts'
import { asCompression, explainUnsupported } from '../services/compression.ts'
import type { Compression } from '../services/compression.ts'

/**
 * What `?compression=` of an upload means. The genuine client spells zstd `zst`, and from before 1.1 it does not say: its
 * files are xz then. Throws `unsupported`.
 */
export function compressionOf(parameter: string = 'xz'): Compression {
  const compression = parameter === 'zst' ? 'zstd' : asCompression(parameter)
  if (compression !== undefined) return compression
  throw new CacheError('unsupported', explainUnsupported())
}
