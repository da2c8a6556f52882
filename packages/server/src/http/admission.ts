import type { Exchange } from '../runtime/runtime.ts'
import { hashToken } from '../services/token-text.ts'
import { clientAddresses } from './client-address.ts'
import { textResponse } from './http-error.ts'
import { RateLimit } from './rate-limit.ts'
import { tokenOf } from './request-token.ts'
import type { Target } from './substituter-request.ts'

export interface AdmissionRules {
  /** Requests a second that caches are asked, by each address and with each token; 0: as many as they like. */
  readonly readsPerSecond: number
  /** The same of the API. */
  readonly callsPerSecond: number
  /** Connections and requests in flight of one address at the same time; 0: as many as it likes. */
  readonly connectionsPerAddress: number
  /** Addresses and networks. */
  readonly trustedProxies: readonly string[]
}

/** Gives the answer to a request that comes too soon after others of the same sender; undefined: it may go on. */
export type Admission = (request: Request, exchange: Exchange, target: Target) => Response | undefined

/**
 * Keeps one address, or one token, from taking the service to itself. Nix before 2.35 does not read `Retry-After`: after
 * a 503 it asks again at once and then ever more slowly, and after a 429 it sleeps for a minute and more. So caches,
 * which are what Nix asks, answer 503, and the API, whose clients do as they are told, 429.
 */
export function createAdmission(rules: AdmissionRules): Admission {
  const reads = new RateLimit(rules.readsPerSecond)
  const calls = new RateLimit(rules.callsPerSecond)
  const addresses = clientAddresses(rules.trustedProxies)
  return (request, exchange, { path }) => {
    const isCall = path.startsWith('/api/')
    const limit = isCall ? calls : reads
    if (limit.isOff) return undefined
    const address = addresses.of(exchange.peer(), request.headers.get('x-forwarded-for'))
    const token = tokenOf(request.headers.get('authorization'))
    const wait = Math.max(
      address === undefined ? 0 : limit.take(address),
      token === undefined ? 0 : limit.take(hashToken(token)),
    )
    return wait === 0 ? undefined : tooMany(isCall ? 429 : 503, wait)
  }
}

function tooMany(status: number, wait: number): Response {
  const seconds = wait === 1 ? 'a second' : `${wait} seconds`
  return textResponse(status, `Too many requests from here: go on in ${seconds}.`, {
    'retry-after': String(wait),
  })
}
