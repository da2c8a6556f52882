import { isIP } from 'node:net'
import { reservedCacheNames } from '../services/cache-name.ts'

/** Where clients find the service and its caches. */
export interface ServiceAddress {
  /** `http(s)://HOST[:PORT]`. */
  readonly origin: string
  /** Without a port; part of the names of signing keys. */
  readonly hostname: string
  /** Where Nix finds a cache, no slash at the end. */
  readonly cacheUri: (name: string) => string
  /**
   * The cache that a host (as in a URL, in lower case, with or without a port) stands for: `NAME.HOST`. Undefined for
   * the service's own host and for every host that is not known: there a cache is the first part of the path.
   */
  cacheOfHost(host: string): string | undefined
}

/** `publicUrl` is `http(s)://HOST[:PORT]`. */
export function serviceAddress(publicUrl: string): ServiceAddress {
  const { origin, protocol, host, hostname } = new URL(publicUrl)
  const suffix = `.${hostname}`
  return {
    origin,
    // An IPv6 address has colons, which would end the name of a key.
    hostname: hostname.replaceAll(/[[\]]/g, '').replaceAll(':', '-'),
    cacheUri: (name) => (isAddress(hostname) ? `${origin}/${name}` : `${protocol}//${name}.${host}`),
    cacheOfHost(host) {
      const name = withoutPort(host)
      return name.endsWith(suffix) ? asCacheName(name.slice(0, -suffix.length)) : undefined
    },
  }
}

/** The text, if a cache can have it as its name. */
export function asCacheName(text: string): string | undefined {
  return cacheName.test(text) && !reservedCacheNames.has(text) ? text : undefined
}

/** As `CacheName` of the API says; on the path of every request, where a schema would cost more than the query. */
const cacheName = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/

/** An IP address has no names below it. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}

/** Port forwarding and proxies change it, and it distinguishes nothing. An IPv6 address never matches a name anyway. */
function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  const name = colon === -1 ? host : host.slice(0, colon)
  return name.endsWith('.') ? name.slice(0, -1) : name
}
