import { Readable } from 'node:stream'
import { listenError } from './listen-error.ts'
import { patientBody } from './patient-body.ts'
import { longestIdle } from './runtime.ts'
import type { Exchange, Handler, ListenOptions, Listener, ResponseBody, Runtime } from './runtime.ts'

/** Bun's own server: files leave by sendfile, and small answers several times faster than through `node:http`. */
export const bunRuntime: Runtime = { listen, fileBody }

async function listen(options: ListenOptions): Promise<Listener> {
  const server = serve(options)
  return {
    port: server.port,
    stop: () => server.stop(),
    abort: () => server.stop(true),
  }
}

function serve({ host, port, idleSeconds = longestIdle, stallMs, fetch }: ListenOptions): BunServer {
  try {
    return bun().serve({
      hostname: host,
      port,
      // Lasts until a head is complete, however it comes, and then, for a file that is being sent, from one piece to the
      // next, whatever `timeout` says: less than a slow reader needs would cut it off.
      idleTimeout: idleSeconds,
      // The services bound what they accept; Bun's own limit would cut connections without a word.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      development: false,
      // Without this and with `development` off Bun shares a taken port in silence.
      reusePort: false,
      fetch: (request, server) => fetch(request, new BunExchange(request, server, stallMs)),
    })
  } catch (error) {
    throw listenError(error, { host, port })
  }
}

/** Bun sends the slice with sendfile and its length as `Content-Length`. */
function fileBody(path: string, start: number, end: number): ResponseBody {
  return bun().file(path).slice(start, end)
}

class BunExchange implements Exchange {
  readonly #request: Request
  readonly #server: BunServer
  readonly #stallMs: number

  constructor(request: Request, server: BunServer, stallMs: number) {
    this.#request = request
    this.#server = server
    this.#stallMs = stallMs
  }

  peer(): string {
    return this.#server.requestIP(this.#request)?.address ?? ''
  }

  body(): Readable {
    this.#server.timeout(this.#request, 0)
    // Not `Readable.fromWeb`, which can hang on an error in some versions of Bun.
    const { body } = this.#request
    return Readable.from(body === null ? [] : patientBody(body, this.#stallMs), { objectMode: false })
  }
}

function bun(): BunGlobal {
  return (globalThis as unknown as { Bun: BunGlobal }).Bun
}

/** The few things used of Bun, typed here so that its global types do not shadow Node's. */
interface BunGlobal {
  serve(options: {
    hostname: string
    port: number
    idleTimeout: number
    maxRequestBodySize: number
    development: boolean
    reusePort: boolean
    fetch: (request: Request, server: BunServer) => ReturnType<Handler>
  }): BunServer
  file(path: string): Blob
}

interface BunServer {
  readonly port: number
  stop(closeActiveConnections?: boolean): Promise<void>
  timeout(request: Request, seconds: number): void
  requestIP(request: Request): { readonly address: string } | null
}
