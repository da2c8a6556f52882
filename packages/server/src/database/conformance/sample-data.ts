import { createHash } from 'node:crypto'
import type { Cache, CacheDatabase, Nar, NewPath, PackRecord, PublishResult } from '../cache-database.ts'

export function hex(seed: string): string {
  return createHash('sha256').update(seed).digest('hex')
}

/** 32 characters of Nix's alphabet, which has no `e`. */
export function storeHash(name: string): string {
  return hex(name).slice(0, 32).replaceAll('e', 'z')
}

export function baseName(name: string): string {
  return `${storeHash(name)}-${name}`
}

export function sampleNar(name: string): Nar {
  return {
    fileHash: hex(`file ${name}`),
    fileSize: 12_345,
    narHash: `sha256:${hex(name).replaceAll('e', 'z').slice(0, 52)}`,
    narSize: 2 ** 40 + 1,
    recipe: new Uint8Array([0, 255, 39, 92, ...Buffer.from(name)]),
    listing: new Uint8Array([40, 181, 47, 253, ...Buffer.from(name)]),
  }
}

/** As many packs as asked for, the first ones shared by all callers. */
export function samplePacks(count = 1): PackRecord[] {
  return Array.from({ length: count }, (_, index) => ({ name: hex(`pack ${index}`), size: index + 1 }))
}

export function samplePath(cache: Cache, name: string, change: Partial<NewPath> = {}): NewPath {
  return {
    cacheId: cache.id,
    storeHash: storeHash(name),
    storeName: name,
    fileHash: sampleNar(name).fileHash,
    references: [],
    signatures: [],
    ...change,
  }
}

/** Records the NAR that `samplePath` of the same name has, and publishes the path. */
export async function publishSample(
  database: CacheDatabase,
  cache: Cache,
  path: { readonly name: string; readonly change?: Partial<NewPath> },
): Promise<PublishResult> {
  await database.nars.record(cache.id, sampleNar(path.name), samplePacks())
  return database.paths.publish(samplePath(cache, path.name, path.change))
}

export function createCache(database: CacheDatabase, like: Cache, change: Partial<Cache>): Promise<Cache> {
  return database.caches.create({ ...like, ...change })
}
