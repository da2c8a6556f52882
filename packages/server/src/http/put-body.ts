import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'

import { CacheError } from '../cache-error.ts'
import type { Exchange } from '../runtime/runtime.ts'
import { asCompression, explainUnsupported } from '../services/compression.ts'
import type { Compression } from '../services/compression.ts'
import { receiveText, requireWhole } from '../services/receive-text.ts'
import type { HttpDeps } from './http-deps.ts'

export interface PutBody {
  readonly request: Request
  readonly exchange: Exchange
  /** Bytes, as announced. */
  readonly size: number
  /** Bytes, also of what it is when it is decompressed. */
  readonly limit: number
}

const decompress = promisify(zstdDecompress)

/** The `Content-Length`, without which nobody could tell a body that was cut. Throws `length-required`, `too-large`. */
export function announcedSize({ headers }: Request, limit: number): number {
  const length = headers.get('content-length')
  if (length === null || !/^\d+$/.test(length)) {
    throw new CacheError('length-required', 'A Content-Length is needed for this.')
  }
  if (Number(length) <= limit) return Number(length)
  throw new CacheError('too-large', `This upload is larger than the ${limit} bytes this service takes.`)
}

/** How a body is compressed; Nix has the names of its compressions in `Content-Encoding`. Throws `unsupported`. */
export function encodingOf({ request }: PutBody): Compression {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() || 'identity'
  if (encoding === 'identity') return 'none'
  const compression = asCompression(encoding === 'x-gzip' ? 'gzip' : encoding)
  if (compression !== undefined) return compression
  throw new CacheError('unsupported', explainUnsupported())
}

/** A small body, decompressed. Throws `truncated`, `too-large`, `unsupported`. */
export async function readBody(deps: HttpDeps, put: PutBody): Promise<string> {
  const compression = encodingOf(put)
  if (compression === 'none') return (await collect(put)).toString()
  const { exchange, request, size, limit } = put
  const { signal } = request
  const text = await receiveText(deps, { body: exchange.body(), size, compression, maxSize: limit, signal })
  return (await decompress(text)).toString()
}

/** Reads a body and forgets it. Throws `truncated`. */
export async function discardBody(put: PutBody): Promise<void> {
  let received = 0
  for await (const block of blocksOf(put)) received += block.length
  requireWhole(received, put.size)
}

async function collect(put: PutBody): Promise<Buffer> {
  const blocks: Uint8Array[] = []
  for await (const block of blocksOf(put)) blocks.push(block)
  const body = Buffer.concat(blocks)
  requireWhole(body.length, put.size)
  return body
}

/** No more than were announced, which the runtimes see to. */
async function* blocksOf({ exchange }: PutBody): AsyncGenerator<Uint8Array> {
  try {
    yield* exchange.body() as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw new CacheError('truncated', 'The request broke off before its body was complete.', { cause })
  }
}
