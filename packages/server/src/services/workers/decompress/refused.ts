import { CacheError } from '../../../cache-error.ts'

/** Not what its compression should be. */
export function damagedUpload(compression: string, cause?: unknown): CacheError {
  const message = `This upload cannot be decompressed as ${compression}. Is it cut or damaged? Push again.`
  return new CacheError('unsupported', message, { cause })
}

export function truncatedUpload(compression: string): CacheError {
  return new CacheError(
    'truncated',
    `The upload stops in the middle of what ${compression} compressed. Push again.`,
  )
}

export function trailingBytes(compression: string): CacheError {
  return new CacheError(
    'unsupported',
    `This upload has bytes after the end of what ${compression} compressed. Push again.`,
  )
}
