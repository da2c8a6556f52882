import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'

import type { UploadedNar } from '@cachix/api'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { PackStore, Spool } from '../storage/pack-store.ts'
import { isIntactPack } from './intact-pack.ts'
import { requireWhole } from './receive-text.ts'
import { spoolUpload } from './spool-upload.ts'
import type { NarWorkers } from './workers/nar-workers.ts'
import { detectCompression, explainUnsupported } from './compression.ts'
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
  /** Of the body, which is one NAR; undefined: as its first bytes say. */
  readonly compression: Compression | undefined
  /** Bytes that were announced; undefined: none were. */
  readonly size?: number | undefined
  /** Lower-case hex SHA-256 that the body is to have; undefined: whatever it has. */
  readonly fileHash?: string | undefined
  /** Aborted when the sender has gone, or the service stops. */
  readonly signal: AbortSignal
}

/**
 * Takes in a NAR as a whole: when this returns, it is verified and durable, and the cache may publish paths with it; only
 * then, when its references are known, is it cut into chunks. What fails leaves nothing behind. Throws `truncated`,
 * `too-large`, `hash-mismatch`, `unsupported`, `invalid-nar` and `disk-full`.
 */
export async function receiveNar(deps: ReceiveNarDeps, upload: NarUpload): Promise<UploadedNar> {
  const { cache, body, signal } = upload
  const spool = await deps.packs.createSpool()
  try {
    const hash = createHash('sha256')
    const fileSize = await spoolUpload(spool.path, { body, maxSize: deps.maxUploadSize, signal, hash })
    const file = { fileHash: hash.digest('hex'), fileSize }
    requireWhole(fileSize, upload.size ?? fileSize)
    checkFileHash(upload, file)
    const compression = upload.compression ?? (await compressionOf(spool.path))
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

function checkFileHash({ fileHash }: NarUpload, found: { readonly fileHash: string }): void {
  if (fileHash === undefined || fileHash === found.fileHash) return
  const message = `The uploaded file has the hash ${found.fileHash}, not the ${fileHash} in its name. Push again.`
  throw new CacheError('hash-mismatch', message)
}

async function compressionOf(path: string): Promise<Compression> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(16))
  const start = buffer.subarray(0, bytesRead)
  const compression = detectCompression(start)
  if (compression === undefined) throw new CacheError('unsupported', explainUnsupported(start))
  return compression
}
