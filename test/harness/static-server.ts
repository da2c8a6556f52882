import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A directory behind a web server, such as a binary cache that `nix copy` has made. */
export class StaticServer implements AsyncDisposable {
  /** Paths that were asked for. */
  readonly asked: string[] = []
  /** The directory; until it is set there is nothing. */
  directory: string | undefined
  readonly #server: Server
  #port = 0

  static async start(): Promise<StaticServer> {
    const started = new StaticServer()
    await new Promise<void>((resolve) => started.#server.listen(0, '127.0.0.1', resolve))
    started.#port = (started.#server.address() as AddressInfo).port
    return started
  }

  private constructor() {
    this.#server = createServer(({ url = '/' }, response) => {
      this.asked.push(url)
      const file = this.directory === undefined ? Promise.reject() : readFile(join(this.directory, url))
      file.then(
        (bytes) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
        () => response.writeHead(404).end(),
      )
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
