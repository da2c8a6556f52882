import type { Exchange } from '../runtime/runtime.ts'
import type { ClientAddresses } from './client-address.ts'
import { textResponse } from './http-error.ts'

export interface InFlightRules {
  readonly addresses: ClientAddresses
  /** Requests of one address at the same time; 0: as many as it likes. */
  readonly most: number
}

/**
 * Keeps one address from having the service do everything for it at the same time. A request counts until its answer
 * begins; those that are answered at once are never counted, so that they cost nothing.
 */
export class RequestsInFlight {
  readonly #rules: InFlightRules
  readonly #byAddress = new Map<string, number>()
  #all = 0

  constructor(rules: InFlightRules) {
    this.#rules = rules
  }

  /** The answer to one request too many; undefined: it may go on. */
  refuse(request: Request, exchange: Exchange): Response | undefined {
    const { most } = this.#rules
    if (most === 0 || this.#all < most) return undefined
    const address = this.#addressOf(request, exchange)
    if (address === undefined || (this.#byAddress.get(address) ?? 0) < most) return undefined
    // Nix does not read `Retry-After`, and asks again within a second.
    return textResponse(503, 'Too many requests at the same time from here: go on in a second.', {
      'retry-after': '1',
    })
  }

  /** Counts a request until it is answered. */
  count(request: Request, exchange: Exchange, answer: Promise<Response>): Promise<Response> {
    const address = this.#rules.most === 0 ? undefined : this.#addressOf(request, exchange)
    if (address === undefined) return answer
    this.#add(address, 1)
    return answer.finally(() => this.#add(address, -1))
  }

  #addressOf(request: Request, exchange: Exchange): string | undefined {
    return this.#rules.addresses.of(exchange.peer(), request.headers.get('x-forwarded-for'))
  }

  #add(address: string, difference: 1 | -1): void {
    const now = (this.#byAddress.get(address) ?? 0) + difference
    if (now === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, now)
    this.#all += difference
  }
}
