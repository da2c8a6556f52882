import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { limitConnections } from './limit-connections.ts'
import { listenError } from './listen-error.ts'
import { patientBody } from './patient-body.ts'
import { longestHead, longestIdle } from './runtime.ts'
import type { Exchange, ListenOptions, Listener, ResponseBody, Runtime } from './runtime.ts'

/** `node:http` behind Web requests and responses, for Node 24 and later. */
export const nodeRuntime: Runtime = { listen, fileBody }

async function listen(options: ListenOptions): Promise<Listener> {
  const { host, port, idleSeconds = longestIdle, headSeconds = longestHead, connections } = options
  const answering = { fetch: options.fetch, stallMs: options.stallMs }
  const head = Math.min(headSeconds, idleSeconds)
  const limits = {
    requestTimeout: 0,
    headersTimeout: head * 1000,
    connectionsCheckingInterval: head * 250,
    keepAliveTimeout: Math.min(idleSeconds, 75) * 1000,
  }
  const server = createServer(limits, requestListener(answering, false))
  server.on('checkContinue', requestListener(answering, true))
  server.setTimeout(idleSeconds * 1000)
  if (connections !== undefined) limitConnections(server, connections)
  const unused = trackUnused(server)
  await start(server, { host, port })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => stop(server, unused),
    async abort() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * `ReadableStream.from` rather than `Readable.toWeb`, which can raise an uncaught error when a client leaves; it also
 * closes the file then.
 */
function fileBody(path: string, start: number, end: number): ResponseBody {
  return ReadableStream.from(createReadStream(path, { start, end: end - 1 }))
}

type Answering = Pick<ListenOptions, 'fetch' | 'stallMs'>

function requestListener({ fetch, stallMs }: Answering, expectsContinue: boolean): RequestListener {
  const answer = getRequestListener((request, { incoming, outgoing }) => {
    const waiting = expectsContinue ? (outgoing as ServerResponse) : undefined
    return fetch(request, new NodeExchange(incoming as IncomingMessage, waiting, stallMs))
  })
  return (incoming, outgoing) => void answer(incoming, outgoing)
}

class NodeExchange implements Exchange {
  readonly #incoming: IncomingMessage
  readonly #waiting: ServerResponse | undefined
  readonly #stallMs: number

  /** `waiting` is the answer to a client that wants to be told to go on before it sends the body. */
  constructor(incoming: IncomingMessage, waiting: ServerResponse | undefined, stallMs: number) {
    this.#incoming = incoming
    this.#waiting = waiting
    this.#stallMs = stallMs
  }

  peer(): string {
    return this.#incoming.socket.remoteAddress ?? ''
  }

  body(): Readable {
    this.#incoming.setTimeout(0)
    this.#waiting?.writeContinue()
    // Whoever stops reading half way still wants to answer: destroying `incoming` would take the socket with it.
    const blocks = { [Symbol.asyncIterator]: () => this.#incoming.iterator({ destroyOnReturn: false }) }
    return Readable.from(patientBody(blocks, this.#stallMs), { objectMode: false })
  }
}

function start(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, address)))
    server.listen(address.port, address.host, resolve)
  })
}

/**
 * `close` ends only connections that are idle at that moment. Those that become so later would be kept alive, and those
 * that never asked for anything would be waited for.
 */
async function stop(server: Server, unused: ReadonlySet<Socket>): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  try {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
    for (const socket of unused) socket.destroy()
    await closed
  } finally {
    clearInterval(sweep)
  }
}

/** The connections on which nothing has been asked so far. */
function trackUnused(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket))
  server.on('checkContinue', ({ socket }: IncomingMessage) => unused.delete(socket))
  return unused
}
