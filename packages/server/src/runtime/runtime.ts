import type { Readable } from 'node:stream'

/** What this program needs of the JavaScript runtime that is not a Node or Web API common to both. */
export interface Runtime {
  /** Starts accepting connections. Throws a `CacheError` that says which address is taken or not allowed. */
  listen(options: ListenOptions): Promise<Listener>
  /** Bytes `start` up to but not including `end` of a file, as the body of a response, sent the cheapest way. */
  fileBody(path: string, start: number, end: number): ResponseBody
}

export interface ListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /**
   * Seconds that a connection may stay silent, in both directions, and that the head of a request may take to come, at
   * most twice. Default: `longestIdle`.
   */
  readonly idleSeconds?: number
  /**
   * The same for the head of a request alone. Default: `longestHead`. Not on Bun, where it would also cut off readers that
   * pause.
   */
  readonly headSeconds?: number
  /** Not on Bun, whose listener tells of requests only. */
  readonly connections?: ConnectionLimit | undefined
  /** Milliseconds for which a request's body may stall. */
  readonly stallMs: number
  /** Must not throw and must not reject: answering failures is the business of the handler. */
  readonly fetch: Handler
}

/** How many connections anybody may have at the same time; what comes beyond that is closed at once. */
export interface ConnectionLimit {
  readonly most: number
  /** What a peer's connections are counted under; undefined: they are not counted. */
  readonly addressOf: (peer: string) => string | undefined
}

export type Handler = (request: Request, exchange: Exchange) => Response | Promise<Response>

/** What a handler may do with the connection besides answering. */
export interface Exchange {
  /** The address of whoever is at the other end of the connection: the client, or a proxy. */
  peer(): string
  /**
   * The body of the request, with backpressure down to the socket. Call it at most once, and only after deciding to
   * take the body: this is what tells a client that asked (`Expect: 100-continue`) to send it, where the runtime has
   * not done so already. The stream fails when the client goes away, and with `timed-out` when the client stalls or
   * comes next to a standstill. From then on silence on the connection is no reason to close it: checking a large upload
   * takes time.
   */
  body(): Readable
}

export interface Listener {
  /** The actual one. */
  readonly port: number
  /** Accepts nothing new, closes idle connections, and resolves when everything in flight is answered. */
  stop(): Promise<void>
  /** Closes every connection at once. */
  abort(): Promise<void>
}

/** Whatever `new Response` takes. */
export type ResponseBody = ConstructorParameters<typeof Response>[0]

/** Seconds. The most Bun can do; clients that were cut off resume with a range. */
export const longestIdle = 255

/** Seconds. Every client sends it in one go. */
export const longestHead = 30
