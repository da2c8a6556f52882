import { CacheName, cacheNameRule } from '@cachix/api'

import { CacheError } from '../cache-error.ts'

/** First path segments with a meaning of their own where a cache is addressed as `HOST/NAME`. */
export const reservedCacheNames: ReadonlySet<string> = new Set([
  'api',
  'nar',
  'healthz',
  'metrics',
  'www',
  'app',
  'static',
  'docs',
  'log',
  'serve',
  'debuginfo',
  'realisations',
])

/** Throws `invalid-name` unless a cache may have this name. */
export function checkCacheName(name: string): void {
  if (!CacheName.safeParse(name).success) {
    throw new CacheError(
      'invalid-name',
      `"${name.slice(0, 80)}" cannot be the name of a cache. ${cacheNameRule}`,
    )
  }
  if (reservedCacheNames.has(name)) {
    throw new CacheError(
      'invalid-name',
      `The name "${name}" is used by the service itself. Choose another one.`,
    )
  }
}
