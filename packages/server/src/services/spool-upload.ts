import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { CacheError } from '../cache-error.ts'
import { explainFullDisk } from '../storage/full-disk.ts'

export interface Upload {
  readonly body: Readable
  /** Bytes; more is refused. */
  readonly maxSize: number
  readonly signal: AbortSignal
}

export interface SpooledFile {
  /** Lower-case hex SHA-256. */
  readonly fileHash: string
  /** Bytes. */
  readonly fileSize: number
}

/**
 * Writes a body to the file `path` as it arrives and says what arrived. Throws `truncated` when the sender goes away,
 * `too-large`, `disk-full`. What was written so far is the caller's to remove.
 */
export async function spoolUpload(path: string, { body, maxSize, signal }: Upload): Promise<SpooledFile> {
  const hash = createHash('sha256')
  let fileSize = 0

  async function* measure(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      fileSize += block.length
      if (fileSize > maxSize) throw tooLarge(maxSize)
      hash.update(block)
      yield block
    }
  }

  try {
    await pipeline(body, measure, createWriteStream(path), { signal })
  } catch (error) {
    throw explain(error, fileSize)
  }
  return { fileHash: hash.digest('hex'), fileSize }
}

function tooLarge(maxSize: number): CacheError {
  return new CacheError('too-large', `This upload is larger than the ${maxSize} bytes this service takes.`)
}

/** Runtimes have many ways to say that a client has gone, and one to say that a file could not be written. */
function explain(error: unknown, received: number): unknown {
  if (error instanceof CacheError) return error
  if (isFileError(error)) return explainFullDisk(error)
  const message = `The upload broke off after ${received} bytes. Nothing was stored: push again.`
  return new CacheError('truncated', message, { cause: error })
}

function isFileError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'syscall' in error &&
    /^(?:open|write|writev|close)$/.test(String(error.syscall))
  )
}
