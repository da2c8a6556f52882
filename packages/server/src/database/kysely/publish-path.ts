import type { NewPath, PublishResult } from '../cache-database.ts'
import { keepNar } from './keep-nar.ts'
import { findReferences, writeReferences } from './path-references.ts'
import type { Publisher } from './path-references.ts'
import { mergeSignatures } from './signatures.ts'
import { keepWaiting } from './waiting-paths.ts'

interface Publication extends Publisher {
  /** Its references are in byte order, each once. */
  readonly path: NewPath
  readonly mayWait: boolean
}

interface KnownPath {
  readonly id: number
  readonly storeName: string
  readonly narHash: string
  readonly isDamaged: number
  readonly referenceNames: string
  readonly signatures: string
}

/** `PathTable.publish` of one path, within a transaction that no other publisher is in at the same time. */
export async function publishPath(publication: Publication): Promise<PublishResult> {
  const known = await findKnown(publication)
  if (known?.isDamaged === 0) return publishAgain(publication, known)

  const { path } = publication
  const { missing, found } = await findReferences(publication, path)
  if (missing.length > 0) {
    if (!publication.mayWait) return { outcome: 'missing-references', references: missing }
    await keepWaiting(publication, missing)
    return { outcome: 'waiting' }
  }
  const narId = await keepNar({ ...publication, ...path })
  const pathId = await writePath(publication, narId, known)
  await writeReferences(publication, pathId, found)
  return { outcome: 'published' }
}

function findKnown({ db, cacheId, path }: Publication): Promise<KnownPath | undefined> {
  return db
    .selectFrom('paths')
    .innerJoin('nars', 'nars.id', 'paths.nar_id')
    .select([
      'paths.id',
      'paths.store_name as storeName',
      'nars.nar_hash as narHash',
      'nars.is_damaged as isDamaged',
      'paths.reference_names as referenceNames',
      'paths.signatures',
    ])
    .where('paths.cache_id', '=', cacheId)
    .where('paths.store_hash', '=', path.storeHash)
    .executeTakeFirst()
}

async function publishAgain({ db, path }: Publication, visible: KnownPath): Promise<PublishResult> {
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
  const row = {
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
  if (damaged !== undefined) {
    await db.updateTable('paths').set(row).where('id', '=', damaged.id).execute()
    await db.deleteFrom('path_references').where('path_id', '=', damaged.id).execute()
    await db.deleteFrom('upstream_references').where('path_id', '=', damaged.id).execute()
    return damaged.id
  }
  const { id } = await db.insertInto('paths').values(row).returning('id').executeTakeFirstOrThrow()
  return id
}
