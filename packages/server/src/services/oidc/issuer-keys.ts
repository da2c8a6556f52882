import { createRemoteJWKSet, customFetch } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { fetchBounded } from './fetch-json.ts'
import type { IssuerPolicy } from './issuer-url.ts'

export interface IssuerKeysOptions extends IssuerPolicy {
  /** Milliseconds between two fetches for keys that are not known. */
  readonly cooldownMs: number
}

/** Milliseconds. */
const keptFor = 3_600_000
const failureKeptFor = 10_000

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() })

/** The public keys of issuers, found by OpenID Connect Discovery and kept for a while. */
export class IssuerKeys {
  readonly options: IssuerKeysOptions
  readonly #keys = new LRUCache<string, Promise<JWTVerifyGetKey>>({ max: 100, ttl: keptFor })

  constructor(options: IssuerKeysOptions) {
    this.options = options
  }

  /** To be asked only for issuers that a rule names. Rejects when they cannot be fetched. */
  async of(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer)
    if (known) return known
    const keys = this.#discover(issuer)
    this.#keys.set(issuer, keys)
    // Whoever sends tokens must not be able to have an issuer that is down asked all the time.
    keys.catch(() => this.#keys.set(issuer, keys, { ttl: failureKeptFor }))
    return keys
  }

  /** OpenID Connect Discovery 1.0, section 4. */
  async #discover(issuer: string): Promise<JWTVerifyGetKey> {
    const response = await fetchBounded(
      `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      this.options,
    )
    const discovered = Discovery.parse(await response.json())
    if (discovered.issuer !== issuer) throw new Error(`${issuer} says that it is ${discovered.issuer}.`)
    return createRemoteJWKSet(new URL(discovered.jwks_uri), {
      cooldownDuration: this.options.cooldownMs,
      [customFetch]: (url) => fetchBounded(url, this.options),
    })
  }
}
