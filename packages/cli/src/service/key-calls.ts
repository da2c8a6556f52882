import { AddedKey, CacheKeys, SignatureOutcomes, Signed, UnsignedPaths } from '@cachix/api'
import type { CacheKey, NewKey, NewSignatures, RetireKey, UnsignedPath, UnsignedQuery } from '@cachix/api'
import { cachePath, type ServiceClient } from './service-client.ts'

/** What the service is asked and told about the keys of one cache. Every method throws ServiceError. */
export class KeyCalls {
  readonly #client: ServiceClient
  readonly #path: string

  constructor(client: ServiceClient, cacheName: string) {
    this.#client = client
    this.#path = `${cachePath(cacheName)}/keys`
  }

  /** Oldest first. */
  async list(): Promise<readonly CacheKey[]> {
    return (await this.#client.ask(CacheKeys, { method: 'GET', path: this.#path })).keys
  }

  /** Gives `name:base64`. */
  async add(json: NewKey): Promise<string> {
    return (await this.#client.ask(AddedKey, { method: 'POST', path: this.#path, json })).publicKey
  }

  async retire(json: RetireKey): Promise<void> {
    await this.#client.tell({ method: 'POST', path: `${this.#path}/retire`, json })
  }

  async unsigned(json: UnsignedQuery, signal: AbortSignal): Promise<readonly UnsignedPath[]> {
    const path = `${this.#path}/unsigned`
    return (await this.#client.ask(UnsignedPaths, { method: 'POST', path, json, signal })).paths
  }

  /** What became of each, in their order. */
  async addSignatures(json: NewSignatures, signal: AbortSignal): Promise<SignatureOutcomes['outcomes']> {
    const path = `${this.#path}/signatures`
    return (await this.#client.ask(SignatureOutcomes, { method: 'POST', path, json, signal })).outcomes
  }

  /** Has the service sign some more with the keys it keeps. */
  sign(after: string, signal: AbortSignal): Promise<Signed> {
    const path = `${this.#path}/sign`
    return this.#client.ask(Signed, { method: 'POST', path, json: { after }, takesLong: true, signal })
  }
}
