import { isStoreHash } from '@cachix/protocol'
import { asCacheName } from './service-address.ts'
import type { ServiceAddress } from './service-address.ts'

/** What Nix asks of a cache. */
export interface SubstituterRequest {
  readonly cacheName: string
  readonly asked: Asked
  /** Whether it was asked below `/api/v1/cache/NAME/`, where the same paths can also be written to. */
  readonly isApi: boolean
}

type Asked =
  | { readonly kind: 'cache-info' }
  | { readonly kind: 'narinfo' | 'listing'; readonly storeHash: string }
  | { readonly kind: 'nar'; readonly fileName: string }

/** The host and the path of a request. Both as sent: nothing in the paths that count needs decoding. */
export interface Target {
  /** In lower case, with the port if there is one. */
  readonly host: string
  /** From the first slash on, without a query. */
  readonly path: string
}

/** Undefined where the `Host` header is missing or makes no sense; the runtimes then give a path only, or refuse themselves. */
export function targetOf(url: string): Target | undefined {
  const start = url.indexOf('/', schemeLength)
  if (start === -1 || url.startsWith('/')) return undefined
  const query = url.indexOf('?', start)
  return {
    host: url.slice(schemeLength, start),
    path: query === -1 ? url.slice(start) : url.slice(start, query),
  }
}

/** The runtimes speak plain HTTP. */
const schemeLength = 'http://'.length
const apiPrefix = '/api/v1/cache/'

/** Undefined when this is not one of the paths Nix asks for, in any of the three places where a cache has them. */
export function parseSubstituterRequest(
  { host, path }: Target,
  address: ServiceAddress,
): SubstituterRequest | undefined {
  if (path.startsWith(apiPrefix)) return belowName(path.slice(apiPrefix.length), true)
  const cacheName = address.cacheOfHost(host)
  if (cacheName === undefined) return belowName(path.slice(1), false)
  const asked = parseAsked(path.slice(1))
  return asked && { cacheName, asked, isApi: false }
}

/** `path` is `NAME/…`. */
function belowName(path: string, isApi: boolean): SubstituterRequest | undefined {
  const slash = path.indexOf('/')
  const asked = slash === -1 ? undefined : parseAsked(path.slice(slash + 1))
  const cacheName = asked && asCacheName(path.slice(0, slash))
  return cacheName === undefined || asked === undefined ? undefined : { cacheName, asked, isApi }
}

function parseAsked(path: string): Asked | undefined {
  if (path.startsWith('nar/')) return { kind: 'nar', fileName: path.slice('nar/'.length) }
  if (path === 'nix-cache-info') return { kind: 'cache-info' }
  return parseNamed(path, '.narinfo', 'narinfo') ?? parseNamed(path, '.ls', 'listing')
}

const hashLength = 32

function parseNamed(path: string, ending: string, kind: 'narinfo' | 'listing'): Asked | undefined {
  if (path.length !== hashLength + ending.length || !path.endsWith(ending)) return undefined
  const storeHash = path.slice(0, hashLength)
  return isStoreHash(storeHash) ? { kind, storeHash } : undefined
}
