import { parseCacheInfo } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache } from '../database/cache-database.ts'
import type { Exchange } from '../runtime/runtime.ts'
import { keepObject } from '../services/keep-object.ts'
import { parseNarFile } from '../services/nar-file-name.ts'
import { publishNarinfo } from '../services/publish-narinfo.ts'
import { receiveNar } from '../services/receive-nar.ts'
import type { Asked, AskedObject } from './asked.ts'
import { emptyResponse } from './api-route.ts'
import { accessCache } from './cache-access.ts'
import type { HttpDeps } from './http-deps.ts'
import { isServerError } from './http-error.ts'
import { announcedSize, discardBody, encodingOf, readBody } from './put-body.ts'
import type { PutBody } from './put-body.ts'
import type { SubstituterRequest } from './substituter-request.ts'

const mebibyte = 1024 ** 2

/** Bytes. Listings and debugging information are not kept, but they are taken. */
const limits = {
  'cache-info': 64 * 1024,
  narinfo: 4 * mebibyte,
  listing: 256 * mebibyte,
  log: 64 * mebibyte,
  realisation: mebibyte,
  'debug-info': mebibyte,
  file: 0,
} as const satisfies Record<Exclude<Asked['kind'], 'nar'>, number>

/**
 * What `nix copy --to` and its like put into a cache. All that can be refused is, before the body is asked for, and what
 * was sent in part changes nothing. Throws `CacheError`s.
 */
export async function putObject(
  deps: HttpDeps,
  request: Request,
  { wanted, exchange }: { readonly wanted: SubstituterRequest; readonly exchange: Exchange },
): Promise<Response> {
  const { cacheName, asked } = wanted
  const needed = asked.kind === 'cache-info' ? 'Admin' : 'Write'
  const { cache } = await accessCache(deps, request, { name: cacheName, needed })
  const limit = asked.kind === 'nar' ? deps.maxUploadSize : limits[asked.kind]
  const size = announcedSize(request, limit)
  try {
    await take(deps, asked, { request, exchange, cache, size, limit })
  } catch (error) {
    throw isServerError(error) ? putFailed(error) : error
  }
  return emptyResponse()
}

function putFailed(cause: unknown): CacheError {
  const message =
    cause instanceof CacheError ? cause.message : 'Something went wrong in the service: see its log.'
  return new CacheError('put-failed', message, { cause })
}

interface Put extends PutBody {
  readonly cache: Cache
}

async function take(deps: HttpDeps, asked: Asked, put: Put): Promise<void> {
  switch (asked.kind) {
    case 'cache-info':
      return checkCacheInfo(put, await readBody(deps, put))
    case 'nar':
      return takeNar(deps, asked.fileName, put)
    case 'narinfo':
      return takeNarinfo(deps, asked.storeHash, put)
    case 'log':
    case 'realisation':
      return takeObject(deps, asked, put)
    case 'listing':
    case 'debug-info':
      // Both are told from the NAR itself, once it is published.
      return discardBody(put)
    case 'file':
      throw new CacheError('bad-request', 'Files are put into a cache as a part of store paths only.')
  }
}

/** A cache that has none would get one from any client; ours have theirs. */
function checkCacheInfo({ cache }: Put, text: string): void {
  const { storeDir } = parseCacheInfo(text)
  if (storeDir === cache.storeDir) return
  throw new CacheError('conflict', `This cache is for ${cache.storeDir}, not for ${storeDir}.`)
}

async function takeNar(deps: HttpDeps, fileName: string, put: Put): Promise<void> {
  const file = parseNarFile(fileName)
  if (file === undefined) {
    throw new CacheError(
      'bad-request',
      'A NAR is put under nar/HASH.nar…, HASH being the SHA-256 of the file.',
    )
  }
  const { cache, size, exchange, request } = put
  const received = await receiveNar(deps, {
    cache,
    body: exchange.body(),
    size,
    fileHash: file.fileHash,
    // Its files have no beginning of their own.
    compression: file.extension === '.br' ? 'br' : undefined,
    signal: request.signal,
  })
  deps.logger.debug({ cache: cache.name, ...received }, 'NAR received')
}

async function takeNarinfo(deps: HttpDeps, storeHash: string, put: Put): Promise<void> {
  const { cache, request } = put
  const text = await readBody(deps, put)
  await publishNarinfo(deps, { cache, storeHash, text, signal: request.signal })
  deps.recent.forgetNarinfo({ cacheName: cache.name, storeHash })
  deps.logger.debug({ cache: cache.name, storeHash }, 'narinfo received')
}

async function takeObject(deps: HttpDeps, { kind, name }: AskedObject, put: Put): Promise<void> {
  const { cache, size, limit, exchange, request } = put
  const compression = encodingOf(put)
  await keepObject(deps, {
    cache,
    name,
    isJson: kind === 'realisation',
    body: exchange.body(),
    size,
    compression,
    maxSize: limit,
    signal: request.signal,
  })
}
