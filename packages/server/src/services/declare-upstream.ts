import type { Upstream } from '@cachix/api'
import { FormatError, parsePublicKey, renderPublicKey } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'

const maxUpstreams = 20
const maxKeys = 10

/** Declares an upstream of a cache, or changes its keys. Throws `bad-request`. */
export async function declareUpstream(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
  upstream: Upstream,
): Promise<void> {
  const url = upstreamUrl(upstream.url)
  const publicKeys = upstream.publicKeys.map(canonicalKey)
  if (publicKeys.length === 0 || publicKeys.length > maxKeys) {
    throw new CacheError('bad-request', `An upstream has 1 to ${maxKeys} public keys.`)
  }
  const declared = await database.upstreams.list(cache.id)
  if (declared.length >= maxUpstreams && !declared.some((each) => each.url === url)) {
    throw new CacheError('bad-request', `A cache has at most ${maxUpstreams} upstreams.`)
  }
  await database.upstreams.add(cache.id, { url, publicKeys })
}

/** The one spelling of an upstream's address: no slash at the end. Throws `bad-request`. */
export function upstreamUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol) || text.length > 500) {
    throw new CacheError('bad-request', 'The address of an upstream is http(s)://HOST[:PORT][/PATH].')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function canonicalKey(text: string): string {
  try {
    return renderPublicKey(parsePublicKey(text))
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    throw new CacheError('bad-request', cause.message, { cause })
  }
}
