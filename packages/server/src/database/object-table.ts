/**
 * Small things that clients put into a cache and get back as they are, by their path below the cache's URL: `log/…`,
 * `realisations/…`, `build-trace-v2/…`. A part of `CacheDatabase`, whose contract holds here too.
 */
export interface ObjectTable {
  /** In place of what was there under this name. `content` as the service keeps it. */
  put(cacheId: number, name: string, content: Uint8Array): Promise<void>
  find(cacheName: string, name: string): Promise<CacheObject | undefined>
}

interface CacheObject {
  readonly isPublic: boolean
  readonly content: Uint8Array
}
