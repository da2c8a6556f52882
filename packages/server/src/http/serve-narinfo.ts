import { andThen } from '../at-once.ts'
import type { AtOnce } from '../at-once.ts'
import { readNarinfo } from '../services/read-narinfo.ts'
import type { NarinfoRequest, ReadableNarinfo } from '../services/read-narinfo.ts'
import type { HttpDeps } from './http-deps.ts'
import { etagMatches } from './etag-matches.ts'
import type { SubstituterRequest } from './substituter-request.ts'
import type { Found } from './substituter.ts'

/**
 * `HASH.narinfo` without waiting for anything, where it was just read: the most frequent hit, and a quarter cheaper than
 * by way of a promise.
 */
export function serveRecentNarinfo(
  { recent }: HttpDeps,
  request: Request,
  { cacheName, asked }: SubstituterRequest,
): Response | undefined {
  if (asked.kind !== 'narinfo' || request.headers.get('authorization') !== null) return undefined
  const narinfo = recent.narinfo({ cacheName, storeHash: asked.storeHash })
  return narinfo && narinfoResponse(request, narinfo)
}

/** `HASH.narinfo`. */
export function serveNarinfo(
  { database, recent }: HttpDeps,
  request: Request,
  wanted: NarinfoRequest,
): AtOnce<Found | undefined> {
  return andThen(readNarinfo({ database }, wanted), (narinfo): Found | undefined => {
    if (narinfo === undefined) return undefined
    recent.keepNarinfo(wanted, narinfo)
    return { isPublic: narinfo.isPublic, respond: () => narinfoResponse(request, narinfo) }
  })
}

function narinfoResponse(request: Request, { text, etag, isPublic }: ReadableNarinfo): Response {
  const headers: Record<string, string> = {
    'content-type': 'text/x-nix-narinfo',
    // Signatures may be added, so proxies keep it for a moment only.
    'cache-control': isPublic ? 'public, max-age=60, must-revalidate' : 'private, no-cache',
    etag,
  }
  if (etagMatches(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers })
  if (request.method === 'GET') return new Response(text, { headers })
  headers['content-length'] = String(Buffer.byteLength(text))
  return new Response(null, { headers })
}
