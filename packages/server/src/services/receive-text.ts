import type { Readable } from 'node:stream'

import { CacheError } from '../cache-error.ts'
import type { PackStore } from '../storage/pack-store.ts'
import type { Compression } from './compression.ts'
import { spoolUpload } from './spool-upload.ts'
import type { NarWorkers } from './workers/nar-workers.ts'

export interface ReceiveTextDeps {
  readonly packs: PackStore
  readonly workers: NarWorkers
}

export interface TextUpload {
  readonly body: Readable
  /** Bytes that were announced. */
  readonly size: number
  /** Of the body. */
  readonly compression: Compression
  /** Bytes, of the body and of the text in it. */
  readonly maxSize: number
  readonly signal: AbortSignal
}

/** A text as one zstd frame. Throws `truncated`, `too-large`, `unsupported` and `disk-full`. */
export async function receiveText(deps: ReceiveTextDeps, upload: TextUpload): Promise<Uint8Array> {
  const { body, size, compression, maxSize, signal } = upload
  const spool = await deps.packs.createSpool()
  try {
    const fileSize = await spoolUpload(spool.path, { body, maxSize, signal })
    requireWhole(fileSize, size)
    const task = { paths: [spool.path], compression, maxSize }
    return await deps.workers.run('packText', task, signal)
  } finally {
    await spool.discard()
  }
}

/** Throws `truncated`. */
export function requireWhole(received: number, announced: number): void {
  if (received === announced) return
  const message = `The upload ended after ${received} of ${announced} bytes. Nothing was stored: push again.`
  throw new CacheError('truncated', message)
}
