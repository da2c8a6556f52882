// One path after another would cost eight statements each. What a batch is about is looked up for all of it at once;
// paths that are new, as most are, are then written together, and only the odd one is published on its own.

import type { NewPath, PublishResult } from '../cache-database.ts'
import { adoptUpstreamPaths } from './adopt-upstream-paths.ts'
import { idOf } from './id-of.ts'
import { inSlices } from './in-slices.ts'
import { findNars, insertNars } from './keep-nar.ts'
import { findInUpstreams, findVisible, writeReferences } from './path-references.ts'
import type { Publisher } from './path-references.ts'
import { findKnown, pathRow, publishAgain, publishPath } from './publish-path.ts'
import type { KnownPath } from './publish-path.ts'

interface PendingPath {
  readonly path: NewPath
  /** Base names, without its own. */
  readonly inCache: readonly string[]
  /** Ids of what only an upstream has. */
  readonly inUpstreams: readonly number[]
}

interface Batch extends Publisher {
  /** By store hash, as they were before the batch. */
  readonly known: ReadonlyMap<string, KnownPath>
  /** Ids of visible paths by base name; undefined for those that are yet to be written. */
  readonly visible: Map<string, number | undefined>
  /** Ids by base name. */
  readonly upstream: ReadonlyMap<string, number>
  /** Ids of sound NARs by file hash. */
  readonly narIds: Map<string, number>
  /** File hashes. */
  readonly damagedNars: ReadonlySet<string>
  /** Store hashes of the paths up to now. */
  readonly seen: Set<string>
  pending: PendingPath[]
  /** Once something was mended, other paths than that one may have become visible: what was looked up is stale. */
  isStale: boolean
}

/** `PathTable.publish` within a transaction, in a cache where nothing waits. References are in byte order, each once. */
export async function publishBatch(
  publisher: Publisher,
  paths: readonly NewPath[],
): Promise<PublishResult[]> {
  if (paths.length === 0) return []
  const batch = await openBatch(publisher, paths)
  const results: PublishResult[] = []
  for (const path of paths) {
    results.push(await publishNext(batch, path))
    batch.seen.add(path.storeHash)
  }
  await writePending(batch)
  const published = paths.filter((_path, index) => results[index]?.outcome === 'published')
  if (published.length > 0) {
    await adoptUpstreamPaths(
      publisher,
      published.map((path) => path.storeHash),
    )
  }
  return results
}

async function openBatch(publisher: Publisher, paths: readonly NewPath[]): Promise<Batch> {
  const references = [...new Set(paths.flatMap((path) => path.references))]
  const known = await findKnown(
    publisher,
    paths.map((path) => path.storeHash),
  )
  const visible = await findVisible(publisher, references)
  const nars = await findNars(
    publisher,
    paths.map((path) => path.nar.fileHash),
  )
  return {
    ...publisher,
    known: new Map(known.map((path) => [path.storeHash, path])),
    visible: new Map(visible),
    upstream: await findInUpstreams(
      publisher,
      references.filter((name) => !visible.has(name)),
    ),
    narIds: new Map(nars.flatMap((nar) => (nar.isDamaged === 0 ? [[nar.fileHash, nar.id]] : []))),
    damagedNars: new Set(nars.flatMap((nar) => (nar.isDamaged === 0 ? [] : [nar.fileHash]))),
    seen: new Set(),
    pending: [],
    isStale: false,
  }
}

async function publishNext(batch: Batch, path: NewPath): Promise<PublishResult> {
  const isFirst = !batch.isStale && !batch.seen.has(path.storeHash)
  const known = batch.known.get(path.storeHash)
  if (isFirst && known?.isDamaged === 0) return publishAgain({ db: batch.db, path }, known)

  const isNew = isFirst && known === undefined && !batch.damagedNars.has(path.nar.fileHash)
  const pending = isNew ? resolve(batch, path) : undefined
  if (pending === undefined) return publishAlone(batch, path)
  batch.pending.push(pending)
  batch.visible.set(baseNameOf(path), undefined)
  return { outcome: 'published' }
}

/** Undefined if something is missing that it refers to. */
function resolve({ visible, upstream }: Batch, path: NewPath): PendingPath | undefined {
  const wanted = path.references.filter((name) => name !== baseNameOf(path))
  const inCache = wanted.filter((name) => visible.has(name))
  const inUpstreams = wanted.flatMap((name) => (visible.has(name) ? [] : (upstream.get(name) ?? [])))
  if (inCache.length + inUpstreams.length < wanted.length) return undefined
  return { path, inCache, inUpstreams }
}

async function publishAlone(batch: Batch, path: NewPath): Promise<PublishResult> {
  await writePending(batch)
  const { db, flavour, cacheId } = batch
  const result = await publishPath({ db, flavour, cacheId, path, mayWait: false })
  batch.isStale ||= result.outcome === 'published'
  return result
}

async function writePending(batch: Batch): Promise<void> {
  const { db, cacheId, narIds, visible } = batch
  const pending = batch.pending.splice(0)
  if (pending.length === 0) return
  const unknown = pending.filter(({ path }) => !narIds.has(path.nar.fileHash))
  const newNars = new Map(unknown.toReversed().map(({ path }) => [path.nar.fileHash, path]))
  if (newNars.size > 0) {
    for (const [hash, id] of await insertNars(batch, [...newNars.values()])) narIds.set(hash, id)
  }
  const rows = pending.map(({ path }) => pathRow(cacheId, path, idOf(narIds, path.nar.fileHash)))
  const inserted = await inSlices(rows, (slice) =>
    db.insertInto('paths').values(slice).returning(['id', 'store_hash as storeHash']).execute(),
  )
  const ids = new Map(inserted.map((row) => [row.storeHash, row.id]))
  for (const { path } of pending) visible.set(baseNameOf(path), idOf(ids, path.storeHash))
  await writeReferences(
    batch,
    pending.map(({ path, inCache, inUpstreams }) => ({
      pathId: idOf(ids, path.storeHash),
      found: { inCache: inCache.map((name) => idOf(visible, name)), inUpstreams },
    })),
  )
}

function baseNameOf({ storeHash, storeName }: NewPath): string {
  return `${storeHash}-${storeName}`
}
