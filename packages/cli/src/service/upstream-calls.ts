import { KnownPaths } from '@cachix/api'
import type { Upstream, UpstreamPaths } from '@cachix/api'
import { cachePath, type ServiceClient } from './service-client.ts'

/** What the service is told about the upstreams of one cache. Every method throws ServiceError. */
export class UpstreamCalls {
  readonly #client: ServiceClient
  readonly #path: string

  constructor(client: ServiceClient, cacheName: string) {
    this.#client = client
    this.#path = `${cachePath(cacheName)}/upstreams`
  }

  async declare(json: Upstream): Promise<void> {
    await this.#client.tell({ method: 'POST', path: this.#path, json })
  }

  async remove(url: string): Promise<void> {
    await this.#client.tell({ method: 'POST', path: `${this.#path}/remove`, json: { url } })
  }

  /** Whether each of these paths is proved to be in an upstream, in their order; at most a thousand. */
  async record(paths: UpstreamPaths['paths'], signal: AbortSignal): Promise<readonly boolean[]> {
    const path = `${this.#path}/paths`
    return (await this.#client.ask(KnownPaths, { method: 'POST', path, json: { paths }, signal })).known
  }
}
