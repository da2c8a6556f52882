import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type {
  Cache,
  CacheDatabase,
  Nar,
  NewPath,
  PackRecord,
  PublishResult,
  StoredChunk,
} from '../cache-database.ts'

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
    listing: {
      template: new Uint8Array([40, 181, 47, 253, ...Buffer.from(name)]),
      hashes: [storeHash(name), storeHash(`other ${name}`)],
    },
    buildIds: [],
  }
}

/** As many packs as asked for, `firstPack` first. */
export function samplePacks(count = 1): PackRecord[] {
  return Array.from({ length: count }, (_, index) => ({ name: hex(`pack ${index}`), size: index + 1 }))
}

const firstPack: PackRecord = { name: hex('pack 0'), size: 1 }

/** A chunk in `firstPack`. */
export function sampleChunk(name: string): StoredChunk {
  const { name: pack } = firstPack
  return { name: hex(name), pack, offset: 7, length: 9, contentSize: 11, layout: new Uint8Array([1, 0, 255]) }
}

/** Records chunks of these names in `firstPack`; the cache holds them. */
export async function recordChunks(
  database: CacheDatabase,
  cache: Cache,
  names: readonly string[],
): Promise<void> {
  await database.chunks.record({ pack: firstPack, chunks: names.map(sampleChunk) })
  await database.chunks.hold(cache.id, names.map(hex))
}

export async function recordPacks(database: CacheDatabase, packs: readonly PackRecord[]): Promise<void> {
  for (const pack of packs) await database.chunks.record({ pack, chunks: [] })
}

export function samplePath(name: string, change: Partial<NewPath> = {}): NewPath {
  return {
    storeHash: storeHash(name),
    storeName: name,
    nar: sampleNar(name),
    packs: samplePacks().map((pack) => pack.name),
    references: [],
    signatures: [],
    ...change,
  }
}

/** Publishes the path of that name, alone. Its pack is recorded, as sound, before. */
export async function publishSample(
  database: CacheDatabase,
  cache: Cache,
  path: { readonly name: string; readonly change?: Partial<NewPath> },
): Promise<PublishResult> {
  await recordPacks(database, samplePacks())
  const results = await database.paths.publish(cache.id, [samplePath(path.name, path.change)])
  return results.at(0) ?? assert.fail('The path has no result.')
}

export function createCache(database: CacheDatabase, like: Cache, change: Partial<Cache>): Promise<Cache> {
  return database.caches.create({ ...like, ...change })
}
