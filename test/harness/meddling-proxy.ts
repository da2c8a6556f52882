import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

/** One request that went through the proxy, and its answer's status once there was one. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly range: string | undefined
  /** What came of the request's body. */
  readonly body: Buffer[]
  status: number | undefined
}

/** What is answered by the proxy itself. */
interface OwnAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** What happens to messages on their way. Whatever is awaited holds them back; throwing cuts the connection. */
export interface Meddling {
  /** Before anything of the request is passed on; nothing of it is where this gives an answer. */
  readonly request?: (exchange: Exchange) => OwnAnswer | undefined
  /** Before anything of the answer is passed on, in whose place another may be given. */
  readonly answer?: (exchange: Exchange) => OwnAnswer | undefined
  /** Before the block of the request's body that ends at byte `sent` is passed on. */
  readonly upload?: (exchange: Exchange, sent: number) => Promise<void> | void
  /** Before the block of the answer's body that ends at byte `sent` is passed on. */
  readonly download?: (exchange: Exchange, sent: number) => Promise<void> | void
}

/** Stands between clients and a server on this machine and gets in the way. */
export class MeddlingProxy implements AsyncDisposable {
  /** In the order the requests came. */
  readonly exchanges: Exchange[] = []
  readonly #target: number
  readonly #meddling: Meddling
  readonly #server: Server

  static async start(targetPort: number, meddling: Meddling): Promise<MeddlingProxy> {
    const proxy = new MeddlingProxy(targetPort, meddling)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(targetPort: number, meddling: Meddling) {
    this.#target = targetPort
    this.#meddling = meddling
    this.#server = createServer((request, response) => void this.#pass(request, response))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request
    const exchange: Exchange = { method, path, range: headers.range, body: [], status: undefined }
    this.exchanges.push(exchange)
    const { upload, download } = this.#meddling
    if (this.#answered(exchange, this.#meddling.request, { request, response })) return
    const upstream = httpRequest({ host: '127.0.0.1', port: this.#target, method, path, headers })
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      upstream.once('response', resolve).on('error', reject)
    })
    try {
      // An answer may come before the body was read to its end, and ends the matter.
      const sent = pipeline(
        request,
        (blocks) => meddle(keep(blocks, exchange), exchange, upload),
        upstream,
      ).catch(() => undefined)
      const received = await answer
      exchange.status = received.statusCode
      if (this.#answered(exchange, this.#meddling.answer, { request, response })) {
        upstream.destroy()
        return
      }
      response.writeHead(received.statusCode ?? 500, received.headers)
      await pipeline(received, (blocks) => meddle(blocks, exchange, download), response)
      await sent
    } catch {
      request.destroy()
      upstream.destroy()
      response.destroy()
    }
  }

  /** Whether the hook has seen to the exchange. */
  #answered(exchange: Exchange, hook: Meddling['answer'], { request, response }: Connection): boolean {
    try {
      const own = hook?.(exchange)
      if (own === undefined) return false
      request.resume()
      response.writeHead(own.status, own.headers).end()
    } catch {
      request.destroy()
      response.destroy()
    }
    return true
  }
}

interface Connection {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function* keep(blocks: AsyncIterable<Buffer>, exchange: Exchange): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    exchange.body.push(block)
    yield block
  }
}

async function* meddle(
  blocks: AsyncIterable<Buffer>,
  exchange: Exchange,
  hook: Meddling['upload'],
): AsyncGenerator<Buffer> {
  let sent = 0
  for await (const block of blocks) {
    sent += block.length
    await hook?.(exchange, sent)
    yield block
  }
}
