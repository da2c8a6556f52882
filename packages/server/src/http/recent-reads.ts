import { LRUCache } from 'lru-cache'
import type { NarinfoRequest, ReadableNarinfo } from '../services/read-narinfo.ts'

const ttl = 1000
const ttlResolution = 50

/**
 * What was read of public caches within the last second, so that machines that build the same things at the same time
 * cost one query. A narinfo that is published here is forgotten at once; one that another server has changed may be a
 * second old, where any proxy may keep it for a minute. That a path is absent is never remembered: what was just pushed
 * is there.
 */
export class RecentReads {
  readonly #narinfos = new LRUCache<string, ReadableNarinfo>({
    max: 20_000,
    maxSize: 32 * 1024 ** 2,
    sizeCalculation: ({ text }) => text.length,
    ttl,
    ttlResolution,
  })
  readonly #publicCaches = new LRUCache<string, true>({ max: 1000, ttl, ttlResolution })

  narinfo(wanted: NarinfoRequest): ReadableNarinfo | undefined {
    return this.#narinfos.get(keyOf(wanted))
  }

  keepNarinfo(wanted: NarinfoRequest, narinfo: ReadableNarinfo): void {
    if (narinfo.isPublic) this.#narinfos.set(keyOf(wanted), narinfo)
  }

  forgetNarinfo(wanted: NarinfoRequest): void {
    this.#narinfos.delete(keyOf(wanted))
  }

  isPublicCache(name: string): boolean {
    return this.#publicCaches.has(name)
  }

  /** A cache whose visibility was changed. Other servers notice within a second. */
  forgetCache(name: string): void {
    this.#publicCaches.delete(name)
    for (const key of this.#narinfos.keys()) if (key.startsWith(`${name}/`)) this.#narinfos.delete(key)
  }

  keepPublicCache(name: string): void {
    this.#publicCaches.set(name, true)
  }
}

function keyOf({ cacheName, storeHash }: NarinfoRequest): string {
  return `${cacheName}/${storeHash}`
}
