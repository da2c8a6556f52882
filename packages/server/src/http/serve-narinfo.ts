import { readNarinfo } from '../services/read-narinfo.ts'
import type { NarinfoRequest, ReadableNarinfo } from '../services/read-narinfo.ts'
import type { HttpDeps } from './http-deps.ts'
import { etagMatches } from './etag-matches.ts'
import type { Found } from './substituter.ts'

/** `HASH.narinfo`. */
export async function serveNarinfo(
  deps: HttpDeps,
  request: Request,
  wanted: NarinfoRequest,
): Promise<Found | undefined> {
  const narinfo = deps.recent.narinfo(wanted) ?? (await readAndKeep(deps, wanted))
  return narinfo && { isPublic: narinfo.isPublic, respond: () => narinfoResponse(request, narinfo) }
}

async function readAndKeep(
  { database, recent }: HttpDeps,
  wanted: NarinfoRequest,
): Promise<ReadableNarinfo | undefined> {
  const narinfo = await readNarinfo({ database }, wanted)
  if (narinfo !== undefined) recent.keepNarinfo(wanted, narinfo)
  return narinfo
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
