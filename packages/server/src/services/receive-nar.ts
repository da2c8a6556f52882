import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

import type { UploadedNar } from '@cachix/api'

import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { PackStore, Spool } from '../storage/pack-store.ts'
import { isIntactPack } from './intact-pack.ts'
import { spoolUpload } from './spool-upload.ts'
import type { NarWorkers } from './workers/nar-workers.ts'
import type { Compression } from './compression.ts'

export interface ReceiveNarDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly workers: NarWorkers
  /** Bytes; a larger file is refused. */
  readonly maxUploadSize: number
}

export interface NarUpload {
  readonly cache: Cache
  readonly body: Readable
  /** Of the body, which is one NAR. */
  readonly compression: Compression
  /** Aborted when the sender has gone, or the service stops. */
  readonly signal: AbortSignal
}

/**
 * Takes in a NAR as a whole: when this returns, it is verified and durable, and the cache may publish paths with it; only
 * then, when its references are known, is it cut into chunks. What fails leaves nothing behind. Throws `truncated`,
 * `too-large`, `unsupported`, `invalid-nar` and `disk-full`.
 */
export async function receiveNar(deps: ReceiveNarDeps, upload: NarUpload): Promise<UploadedNar> {
  const { cache, body, compression, signal } = upload
  const spool = await deps.packs.createSpool()
  try {
    const hash = createHash('sha256')
    const fileSize = await spoolUpload(spool.path, { body, maxSize: deps.maxUploadSize, signal, hash })
    const file = { fileHash: hash.digest('hex'), fileSize }
    const nar = await deps.workers.run('checkUpload', { paths: [spool.path], compression }, signal)
    await keep(deps, { spool, name: file.fileHash, signal })
    await deps.database.uploads.record(cache.id, { ...file, ...nar, compression })
    return { ...file, ...nar }
  } finally {
    await spool.discard()
  }
}

interface VerifiedUpload {
  readonly spool: Spool
  readonly name: string
  readonly signal: AbortSignal
}

/** A pack that is recorded is durable, but may have been damaged since: then this mends it. */
async function keep(
  { database, packs }: ReceiveNarDeps,
  { spool, name, signal }: VerifiedUpload,
): Promise<void> {
  await database.packs.lease(name)
  const isKept = (await database.packs.isSound(name)) && (await isIntactPack(packs, name, signal))
  if (!isKept) await packs.put(name, spool)
}
