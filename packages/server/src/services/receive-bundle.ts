import type { Readable } from 'node:stream'

import type { ReceivedBundle } from '@cachix/api'
import { cutSizes, PackIndexReader } from '@cachix/protocol'
import type { PackIndex } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase, NewChunks } from '../database/cache-database.ts'
import type { PackStore } from '../storage/pack-store.ts'
import { spoolUpload } from './spool-upload.ts'
import type { MadeNars } from './made-nars.ts'
import type { NarWorkers } from './workers/nar-workers.ts'
import { explained } from './workers/explain-format.ts'

export interface ReceiveBundleDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly workers: NarWorkers
  readonly madeNars: MadeNars
  /** Bytes of frames; a larger bundle is refused. */
  readonly maxBundleSize: number
}

export interface BundleUpload {
  readonly cache: Cache
  /** A pack index and the frames it describes. */
  readonly body: Readable
  /** Aborted when the sender has gone, or the service stops. */
  readonly signal: AbortSignal
}

/** As many as may be asked about at once. */
const maxChunks = 32_768
const maxIndexBytes = 16 * 1024 * 1024
/** Hardly anything compresses to more than it was, but a chunk full of holes does. */
const maxFrameBytes = 2 * cutSizes.max

/**
 * Takes in frames: when this returns, each is known to be what its sender says, durable, and held by the cache. What
 * fails leaves nothing behind. The answer tells nothing about other caches than those everybody may read. Throws
 * `bad-request`, `truncated`, `too-large` and `disk-full`.
 */
export async function receiveBundle(deps: ReceiveBundleDeps, upload: BundleUpload): Promise<ReceivedBundle> {
  const { cache, signal } = upload
  const [sent, packed] = await Promise.all([deps.packs.createSpool(), deps.packs.createSpool()])
  try {
    const { chunks, recipes } = await spoolBundle(sent.path, deps, upload)
    const names = chunks.map((chunk) => chunk.name)
    const stored = new Set(await deps.database.chunks.stored(names))
    const wanted = names.filter((name) => !stored.has(name))
    const task = { path: sent.path, chunks, recipes, wanted, target: packed.path }
    const { isAsSent, nars, ...added } = await deps.workers.run('packChunks', task, signal)
    await storeChunks(deps, added, isAsSent ? sent : packed)
    for (const { recipeHash, nar } of nars) {
      deps.madeNars.remember(recipeHash, { nar, packs: [added.pack.name] })
    }
    const news = await deps.database.chunks.missing({ cacheId: cache.id }, names)
    await deps.database.chunks.hold(cache.id, names)
    return { stored: news.length, known: names.length - news.length }
  } finally {
    await Promise.all([sent.discard(), packed.discard()])
  }
}

/** Makes the pack in the spool durable, then its chunks known. */
export async function storeChunks(
  { database, packs }: Pick<ReceiveBundleDeps, 'database' | 'packs'>,
  added: NewChunks,
  spool: Awaited<ReturnType<PackStore['createSpool']>>,
): Promise<void> {
  if (added.chunks.length === 0) return
  await database.packs.lease(added.pack.name)
  await packs.put(added.pack.name, spool)
  await database.chunks.record(added)
}

async function spoolBundle(
  path: string,
  { maxBundleSize }: ReceiveBundleDeps,
  { body, signal }: BundleUpload,
): Promise<PackIndex> {
  const index = new PackIndexReader(maxIndexBytes)
  const keep = (block: Uint8Array) => index.write(block)
  const fileSize = await spoolUpload(path, { body, maxSize: maxBundleSize, signal, keep })
  const found = explained('truncated', () => index.end())
  checkIndex(found, fileSize)
  return found
}

function checkIndex({ chunks }: PackIndex, fileSize: number): void {
  if (chunks.length > maxChunks) throw refused(`it has more than ${maxChunks} chunks`)
  if (new Set(chunks.map((chunk) => chunk.name)).size < chunks.length) throw refused('it has a chunk twice')
  if (chunks.some((chunk) => chunk.contentSize > cutSizes.max))
    throw refused('it has a chunk that is too large')
  if (chunks.some((chunk) => chunk.length > maxFrameBytes)) throw refused('it has a frame that is too large')
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  if (size !== fileSize) throw refused(`its frames have ${fileSize} bytes, not the ${size} its index says`)
}

function refused(reason: string): CacheError {
  return new CacheError('bad-request', `This bundle of chunks is refused: ${reason}.`)
}
