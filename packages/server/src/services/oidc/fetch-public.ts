import { lookup } from 'node:dns'
import { get as getHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/**
 * The answer to a GET of an address that somebody else chose, from a server on the public Internet and no other: what its
 * name stands for is looked at when the connection is made, so it cannot be something else by then. Not redirected.
 * `fetch` does not let one do that. `isAllowed` is for tests.
 */
export async function fetchPublic(
  url: URL,
  signal: AbortSignal,
  isAllowed = isPublicAddress,
): Promise<Response> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !isAllowed(host)) throw notPublic(host)
  const message = await begin(url, { signal, lookup: onlyAllowed(isAllowed) })
  return new Response(ReadableStream.from(message), { status: message.statusCode ?? 500 })
}

interface Connecting {
  readonly signal: AbortSignal
  readonly lookup: LookupFunction
}

/** A connection of its own: one that was kept may have been made for somebody with more rights. */
function begin(url: URL, connecting: Connecting): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getHttps : getHttp
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json' }
    get(url, { ...connecting, agent: false, headers }, resolve).on('error', reject)
  })
}

function onlyAllowed(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, [])
      const [first] = found
      if (first === undefined || !found.every(({ address }) => isAllowed(address))) {
        return done(notPublic(hostname), [])
      }
      return options.all === true ? done(null, found) : done(null, first.address, first.family)
    })
  }
}

function notPublic(host: string): Error {
  return new Error(`${host} is not on the public Internet.`)
}
