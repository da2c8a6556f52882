import { CacheError } from '../cache-error.ts'
import type { Compression } from '../services/workers/uploaded-file.ts'

/**
 * What `?compression=` of an upload means. The genuine client spells zstd `zst`, and from before 1.1 it does not say: its
 * files are xz then. Throws `unsupported`.
 */
export function compressionOf(parameter: string | undefined): Compression {
  if (parameter === 'zst' || parameter === 'zstd') return 'zstd'
  if (parameter === 'xz' || parameter === undefined) return 'xz'
  throw new CacheError('unsupported', 'NARs are taken with ?compression=zst or ?compression=xz.')
}
