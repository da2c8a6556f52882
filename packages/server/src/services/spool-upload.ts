import type { Hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'

import { FormatError } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import { explainFullDisk } from '../storage/full-disk.ts'
import { explainFormat } from './workers/explain-format.ts'

export interface Upload {
  readonly body: Readable
  /** Bytes; more is refused. */
  readonly maxSize: number
  readonly signal: AbortSignal
  /** What to keep of each block of the body; without it, all. Its `FormatError`s become `bad-request`. */
  readonly keep?: (block: Uint8Array) => Uint8Array
  /** Is given what is kept. */
  readonly hash?: Hash
}

/**
 * Writes a body to the file `path` as it arrives and says how many bytes were kept. Throws `truncated` when the sender goes away,
 * `too-large`, `disk-full`, `bad-request`. What was written so far is the caller's to remove.
 */
export async function spoolUpload(path: string, upload: Upload): Promise<number> {
  const { body, maxSize, signal, keep = (block) => block, hash } = upload
  let fileSize = 0

  async function* measure(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const received of blocks) {
      const block = keep(received)
      fileSize += block.length
      if (fileSize > maxSize) throw tooLarge(maxSize)
      hash?.update(block)
      yield block
    }
  }

  const file = createWriteStream(path)
  try {
    await pipeline(body, measure, file, { signal })
  } catch (error) {
    // It may not even be open yet, and must not appear after the caller has removed it.
    await Promise.allSettled([finished(file)])
    throw explain(error, fileSize)
  }
  return fileSize
}

function tooLarge(maxSize: number): CacheError {
  return new CacheError('too-large', `This upload is larger than the ${maxSize} bytes this service takes.`)
}

/** Runtimes have many ways to say that a client has gone, and one to say that a file could not be written. */
function explain(error: unknown, received: number): unknown {
  if (error instanceof CacheError) return error
  if (error instanceof FormatError) return explainFormat(error, 'bad-request')
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
