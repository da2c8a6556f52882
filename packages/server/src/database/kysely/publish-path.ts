import type { NewPath, PublishResult } from '../cache-database.ts'
import { keepNar } from './keep-nar.ts'
import { findReferences, writeReferences } from './path-references.ts'
import type { Publisher } from './path-references.ts'
import { mergeSignatures } from './signatures.ts'
import { textList } from './text-list.ts'
import { keepWaiting } from './waiting-paths.ts'

interface Publication extends Publisher {
  /** Its references are in byte order, each once. */
  readonly path: NewPath
  readonly mayWait: boolean
}

export interface KnownPath {
  readonly id: number
  readonly storeHash: string
  readonly storeName: string
  readonly narHash: string
  readonly isDamaged: number
  readonly referenceNames: string
  readonly signatures: string
}

/** `PathTable.publish` of one path, within a transaction that no other publisher is in at the same time. */
export async function publishPath(publication: Publication): Promise<PublishResult> {
  const known = (await findKnown(publication, [publication.path.storeHash])).at(0)
  if (known?.isDamaged === 0) return publishAgain(publication, known)

  const { path } = publication
  const { missing, found } = await findReferences(publication, path)
  if (missing.length > 0) {
    if (!publication.mayWait) return { outcome: 'missing-references', references: missing }
    await keepWaiting(publication, missing)
    return { outcome: 'waiting' }
  }
  const narId = await keepNar(publication, path)
  const pathId = await writePath(publication, narId, known)
  await writeReferences(publication, [{ pathId, found }])
  return { outcome: 'published' }
}

/** Those of these paths that the cache has, visible or damaged. */
export function findKnown(
  { db, flavour, cacheId }: Publisher,
  storeHashes: readonly string[],
): Promise<KnownPath[]> {
  return db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select([
      'paths.id',
      'paths.store_hash as storeHash',
      'paths.store_name as storeName',
      'nars.nar_hash as narHash',
      'nars.is_damaged as isDamaged',
      'paths.reference_names as referenceNames',
      'paths.signatures',
    ])
    .where('paths.cache_id', '=', cacheId)
    .where('paths.store_hash', 'in', textList(flavour, storeHashes))
    .execute()
}

/** Publishes a path that is visible. */
export async function publishAgain(
  { db, path }: Pick<Publication, 'db' | 'path'>,
  visible: KnownPath,
): Promise<PublishResult> {
  const isSame = visible.narHash === path.nar.narHash && visible.storeName === path.storeName
  if (!isSame) return { outcome: 'conflict', narHash: visible.narHash }
  // Signatures cover the references: those made for others would not verify.
  if (visible.referenceNames === JSON.stringify(path.references)) {
    await mergeSignatures(db, visible, path.signatures)
  }
  return { outcome: 'already-there' }
}

/** In place of a damaged one, if there is one. */
async function writePath(
  { db, cacheId, path }: Publication,
  narId: number,
  damaged: KnownPath | undefined,
): Promise<number> {
  const row = pathRow(cacheId, path, narId)
  if (damaged !== undefined) {
    await db.updateTable('paths').set(row).where('id', '=', damaged.id).execute()
    await db.deleteFrom('path_references').where('path_id', '=', damaged.id).execute()
    await db.deleteFrom('upstream_references').where('path_id', '=', damaged.id).execute()
    return damaged.id
  }
  const { id } = await db.insertInto('paths').values(row).returning('id').executeTakeFirstOrThrow()
  return id
}

export function pathRow(cacheId: number, path: NewPath, narId: number) {
  return {
    cache_id: cacheId,
    store_hash: path.storeHash,
    store_name: path.storeName,
    nar_id: narId,
    reference_names: JSON.stringify(path.references),
    deriver: path.deriver ?? null,
    signatures: JSON.stringify([...new Set(path.signatures)]),
    ca: path.ca ?? null,
    published_at: Date.now(),
  }
}
