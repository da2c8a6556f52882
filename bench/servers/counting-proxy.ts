import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

/** Passes connections on to a server, and counts the bytes that go through, headers and all. */
export class CountingProxy {
  /** Bytes from clients to the server. */
  sent = 0
  /** Bytes from the server to clients. */
  received = 0
  readonly #server: Server

  private constructor(target: URL) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const onward = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true })
      client.on('data', (bytes) => (this.sent += bytes.length))
      onward.on('data', (bytes) => (this.received += bytes.length))
      void join(client, onward)
    })
  }

  static async start(targetUrl: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(new URL(targetUrl))
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Until both directions have ended. Whatever breaks a connection the two ends see themselves. */
async function join(client: Socket, server: Socket): Promise<void> {
  await Promise.allSettled([pipeline(client, server), pipeline(server, client)])
  client.destroy()
  server.destroy()
}
