import type { CacheDatabase } from '../../database/cache-database.ts'
import type { CacheUsage } from '../../database/upkeep-table.ts'

/** In bytes, where nothing else is said. */
export interface StoreUsage {
  readonly caches: readonly MeasuredCache[]
  readonly paths: number
  /** All NARs of all caches, uncompressed. */
  readonly logical: number
  /** The same as they are served: what plain files would take. */
  readonly compressed: number
  /** What they take: packs and the database. */
  readonly stored: number
  readonly packs: { readonly count: number; readonly bytes: number; readonly unneeded: number }
  readonly database: number
  /** How many times over the compressed NARs would fill what is stored; undefined if there are none. */
  readonly dedupRatio: number | undefined
}

interface MeasuredCache {
  readonly name: string
  readonly paths: number
  readonly logical: number
  readonly compressed: number
  /** The chunks it holds, which it may share with other caches. */
  readonly held: number
  readonly dedupRatio: number | undefined
}

/** What each cache and the whole store hold, in bytes, and what deduplication saves of it. */
export async function measureUsage({ database }: { readonly database: CacheDatabase }): Promise<StoreUsage> {
  const usage = await database.upkeep.usage()
  const caches = usage.caches.map(measureCache)
  const compressed = sum(caches, 'compressed')
  const stored = usage.packBytes + usage.databaseBytes
  return {
    caches,
    paths: sum(caches, 'paths'),
    logical: sum(caches, 'logical'),
    compressed,
    stored,
    packs: { count: usage.packs, bytes: usage.packBytes, unneeded: usage.unneededBytes },
    database: usage.databaseBytes,
    dedupRatio: ratio(compressed, stored),
  }
}

function measureCache({ name, paths, narBytes, fileBytes, heldBytes }: CacheUsage): MeasuredCache {
  return {
    name,
    paths,
    logical: narBytes,
    compressed: fileBytes,
    held: heldBytes,
    dedupRatio: ratio(fileBytes, heldBytes),
  }
}

function sum(caches: readonly MeasuredCache[], key: 'paths' | 'logical' | 'compressed'): number {
  return caches.reduce((total, cache) => total + cache[key], 0)
}

function ratio(compressed: number, stored: number): number | undefined {
  return compressed === 0 || stored === 0 ? undefined : compressed / stored
}
