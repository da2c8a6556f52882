import { Pins } from '@cachix/api'
import type { PinCreate } from '@cachix/api'
import { cachePath } from './service-client.ts'
import type { ServiceClient } from './service-client.ts'

/** What the service is asked about the pins of one cache. Every method throws ServiceError. */
export class PinCalls {
  readonly #client: ServiceClient
  readonly #path: string

  constructor(client: ServiceClient, cacheName: string) {
    this.#client = client
    this.#path = `${cachePath(cacheName)}/pin`
  }

  create(pin: PinCreate): Promise<void> {
    return this.#client.tell({ method: 'POST', path: this.#path, json: pin })
  }

  list(): Promise<Pins> {
    return this.#client.ask(Pins, { method: 'GET', path: this.#path })
  }

  remove(pin: string): Promise<void> {
    return this.#client.tell({ method: 'DELETE', path: `${this.#path}/${encodeURIComponent(pin)}` })
  }
}
