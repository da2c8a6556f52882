import { CacheError } from '../cache-error.ts'

/** What to throw instead of a failed write's `error`: a `CacheError` `disk-full` if that is the reason, else the same. */
export function explainFullDisk(error: unknown): unknown {
  if (!isFullDisk(error)) return error
  const message =
    'The disk of the cache service is full: nothing was stored. Free some space on it and try again.'
  return new CacheError('disk-full', message, { cause: error })
}

function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
