import { andThen } from '../at-once.ts'
import type { AtOnce } from '../at-once.ts'
import type { Exchange } from '../runtime/runtime.ts'
import { permits } from '../services/authorize.ts'
import { accessCache } from './cache-access.ts'
import { textResponse } from './http-error.ts'
import type { HttpDeps } from './http-deps.ts'
import { putObject } from './put-object.ts'
import { serveCacheInfo } from './serve-cache-info.ts'
import { serveDebugInfo } from './serve-debug-info.ts'
import { serveFile } from './serve-file.ts'
import { serveListing } from './serve-listing.ts'
import { serveNar } from './serve-nar.ts'
import { serveNarinfo, serveRecentNarinfo } from './serve-narinfo.ts'
import { serveObject } from './serve-object.ts'
import { parseSubstituterRequest } from './substituter-request.ts'
import type { SubstituterRequest, Target } from './substituter-request.ts'
import { warnVisitor } from './visitor.ts'

/** Something found in a cache. */
export interface Found {
  readonly isPublic: boolean
  /** Default: `Read`. To whoever may do less, it is not there. */
  readonly needed?: 'Write'
  respond(): AtOnce<Response>
}

/**
 * Answers what Nix asks of caches; undefined for everything else. Nearly every request to a cache comes through here,
 * so it stays in front of the router and does no work that is not needed.
 */
export function serveSubstituter(
  deps: HttpDeps,
  request: Request,
  { target, exchange }: { readonly target: Target; readonly exchange: Exchange },
): AtOnce<Response> | undefined {
  const wanted = parseSubstituterRequest(target, deps.address)
  if (wanted === undefined || (wanted.isApi && asksForJson(request, wanted))) return undefined
  if (request.method === 'GET' || request.method === 'HEAD') {
    return serveRecentNarinfo(deps, request, wanted) ?? serve(deps, request, wanted)
  }
  if (request.method === 'PUT') return putObject(deps, request, { wanted, exchange })
  if (wanted.isApi) return undefined
  const sentence = 'Caches are read here, and written to with `cachix push` or `nix copy --to`.'
  return textResponse(405, sentence, { allow: 'GET, HEAD, PUT' })
}

/**
 * Nothing is looked for in a cache before it is known that the visitor may read it: so it takes the same work, and the same
 * time, to refuse what is there and what is not.
 */
function serve(deps: HttpDeps, request: Request, wanted: SubstituterRequest): AtOnce<Response> {
  if (request.headers.get('authorization') !== null || !deps.recent.isPublicCache(wanted.cacheName))
    return serveVisitor(deps, request, wanted)
  return andThen(find(deps, request, wanted), (found) => {
    if (found === undefined) return absent()
    // Otherwise it was made private within the last second.
    return found.isPublic ? found.respond() : serveVisitor(deps, request, wanted)
  })
}

async function serveVisitor(deps: HttpDeps, request: Request, wanted: SubstituterRequest): Promise<Response> {
  const { cacheName } = wanted
  const access = await accessCache(deps, request, { name: cacheName, needed: 'Read' })
  if (access.cache.isPublic) deps.recent.keepPublicCache(cacheName)
  const found = await find(deps, request, wanted)
  const isThere = found !== undefined && permits(access.permission, found.needed ?? 'Read')
  const response = isThere ? await found.respond() : absent()
  return warnVisitor(response, access.visitor)
}

function find(
  deps: HttpDeps,
  request: Request,
  { cacheName, asked }: SubstituterRequest,
): AtOnce<Found | undefined> {
  if (asked.kind === 'narinfo') return serveNarinfo(deps, request, { cacheName, storeHash: asked.storeHash })
  if (asked.kind === 'nar') return serveNar(deps, request, { cacheName, fileName: asked.fileName })
  if (asked.kind === 'cache-info') return serveCacheInfo(deps, request, cacheName)
  if (asked.kind === 'debug-info') return serveDebugInfo(deps, request, { cacheName, buildId: asked.buildId })
  if (asked.kind === 'file') return serveFile(deps, request, { cacheName, ...asked })
  if ('name' in asked) return serveObject(deps, request, { cacheName, ...asked })
  return serveListing(deps, request, { cacheName, storeHash: asked.storeHash })
}

/** Of what has two forms, the one that programs of the API's kind read is the API's business. */
function asksForJson({ headers, method }: Request, { asked }: SubstituterRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (asked.kind !== 'narinfo' && asked.kind !== 'cache-info') return false
  return headers.get('accept')?.startsWith('application/json') === true
}

/** Nix asks every cache for every path, so this is the most frequent answer of all. */
function absent(): Response {
  return new Response(null, { status: 404, headers: { 'cache-control': 'no-store' } })
}
