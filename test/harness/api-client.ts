import assert from 'node:assert/strict'
import type { CachixServer } from './cachix-server.ts'
import type { MadePath } from './made-path.ts'

const timeout = 30_000

/** What tests ask of the API without the command line. Everything is expected to succeed. */
export class ApiClient {
  readonly #server: CachixServer

  constructor(server: CachixServer) {
    this.#server = server
  }

  /** A public cache whose key the service manages, so that publishing needs no signature. */
  async createCache(name: string): Promise<void> {
    await this.#post(`cache/${name}`, JSON.stringify({ isPublic: true, generateSigningKey: true }))
  }

  async publish(cache: string, path: MadePath): Promise<void> {
    await this.#post(`cache/${cache}/nar?compression=zst`, path.file)
    await this.#post(`cache/${cache}/${path.storeHash}.narinfo`, JSON.stringify(path.narInfo))
  }

  async #post(path: string, body: string | Buffer): Promise<void> {
    const response = await fetch(`${this.#server.url}/api/v1/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#server.ownerToken}`,
        'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
      },
      body: typeof body === 'string' ? body : new Uint8Array(body),
      signal: AbortSignal.timeout(timeout),
    })
    assert.equal(response.status, 200, `POST ${path}: ${await response.text()}`)
  }
}
