import type { Readable } from 'node:stream'

import type { UploadedNar } from '@cachix/api'
import { encodeRecipe } from '@cachix/protocol'

import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { PackStore, Spool } from '../storage/pack-store.ts'
import { isIntactPack } from './intact-pack.ts'
import { spoolUpload } from './spool-upload.ts'
import type { SpooledFile } from './spool-upload.ts'
import type { NarVerifier } from './verify/verifier-pool.ts'

export interface ReceiveNarDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly verifier: NarVerifier
  /** Bytes; a larger file is refused. */
  readonly maxUploadSize: number
}

export interface NarUpload {
  readonly cache: Cache
  /** Concatenated zstd frames of one NAR. */
  readonly body: Readable
  /** Aborted when the sender has gone, or the service stops. */
  readonly signal: AbortSignal
}

/**
 * Takes in a NAR: when this returns, its bytes are verified and durable, and the cache may publish paths with it. What
 * fails leaves nothing behind. Throws `truncated`, `too-large`, `unsupported`, `invalid-nar` and `disk-full`.
 */
export async function receiveNar(deps: ReceiveNarDeps, upload: NarUpload): Promise<UploadedNar> {
  const { cache, body, signal } = upload
  const spool = await deps.packs.createSpool()
  try {
    const file = await spoolUpload(spool.path, { body, maxSize: deps.maxUploadSize, signal })
    const nar = await deps.verifier.verify(spool.path, signal)
    await keep(deps, { spool, file, signal })
    const recipe = encodeRecipe({ runs: [{ pack: file.fileHash, offset: 0, length: file.fileSize }] })
    const pack = { name: file.fileHash, size: file.fileSize }
    const { fileHash, fileSize, narHash, narSize } = await deps.database.nars.record(
      cache.id,
      { ...file, ...nar, recipe },
      [pack],
    )
    return { fileHash, fileSize, narHash, narSize }
  } finally {
    await spool.discard()
  }
}

interface VerifiedUpload {
  readonly spool: Spool
  readonly file: SpooledFile
  readonly signal: AbortSignal
}

/** A pack that is recorded is durable, but may have been damaged since: then this mends it. */
async function keep(
  { database, packs }: ReceiveNarDeps,
  { spool, file, signal }: VerifiedUpload,
): Promise<void> {
  const isKept =
    (await database.nars.hasPack(file.fileHash)) && (await isIntactPack(packs, file.fileHash, signal))
  if (!isKept) await packs.put(file.fileHash, spool)
}
