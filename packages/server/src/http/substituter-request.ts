import { parseAsked } from './asked.ts'
import type { Asked } from './asked.ts'
import { asCacheName } from './service-address.ts'
import type { ServiceAddress } from './service-address.ts'

/** What Nix asks of a cache. */
export interface SubstituterRequest {
  readonly cacheName: string
  readonly asked: Asked
  /** Whether it was asked below `/api/v1/cache/NAME/`, where the same paths can also be written to. */
  readonly isApi: boolean
}

/** The host and the path of a request. Both as sent: nothing in the paths that count needs decoding. */
export interface Target {
  /** In lower case, with the port if there is one. */
  readonly host: string
  /** From the first slash on. */
  readonly path: string
  /** With its question mark; empty if there is none. */
  readonly query: string
}

/** Undefined where the `Host` header is missing or makes no sense; the runtimes then give a path only, or refuse themselves. */
export function targetOf(url: string): Target | undefined {
  const start = url.indexOf('/', schemeLength)
  if (start === -1 || url.startsWith('/')) return undefined
  const query = url.indexOf('?', start)
  return {
    host: url.slice(schemeLength, start),
    path: query === -1 ? url.slice(start) : url.slice(start, query),
    query: query === -1 ? '' : url.slice(query),
  }
}

/** The runtimes speak plain HTTP. */
const schemeLength = 'http://'.length
const apiPrefix = '/api/v1/cache/'

/** Undefined when this is not one of the paths Nix asks for, in any of the three places where a cache has them. */
export function parseSubstituterRequest(
  { host, path, query }: Target,
  address: ServiceAddress,
): SubstituterRequest | undefined {
  if (path.startsWith(apiPrefix)) return belowName(path.slice(apiPrefix.length), query, true)
  const cacheName = address.cacheOfHost(host)
  if (cacheName === undefined) return belowName(path.slice(1), query, false)
  const asked = parseAsked(path.slice(1), query)
  return asked && { cacheName, asked, isApi: false }
}

/** `path` is `NAME/…`. */
function belowName(path: string, query: string, isApi: boolean): SubstituterRequest | undefined {
  const slash = path.indexOf('/')
  const asked = slash === -1 ? undefined : parseAsked(path.slice(slash + 1), query)
  const cacheName = asked && asCacheName(path.slice(0, slash))
  return cacheName === undefined || asked === undefined ? undefined : { cacheName, asked, isApi }
}
