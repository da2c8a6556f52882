import assert from 'node:assert/strict'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Patience } from './patience.ts'

export interface Sent {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** With the query. */
  readonly path: string
  /** As the `Host` header, without the port; default: the service's own. */
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | undefined
  /** True: chunked, without a length. */
  readonly isStreamed?: boolean
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface WireOptions {
  readonly version: string
  /** An empty one is sent too. */
  readonly token: string
  /** Undefined: nothing is sent twice. */
  readonly patience?: Patience
}

const accepted = 'application/json;charset=utf-8,application/json'

/** HTTP as the genuine client speaks it: these headers and no others, and what its typed API takes for a success. */
export class Wire implements Disposable {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #port: number
  readonly #version: string
  readonly #token: string
  readonly #patience: Patience | undefined

  constructor(port: number, { version, token, patience }: WireOptions) {
    this.#port = port
    this.#version = version
    this.#token = token
    this.#patience = patience
  }

  send(sent: Sent): Promise<Received> {
    return this.#patience?.repeat(() => this.#sendOnce(sent)) ?? this.#sendOnce(sent)
  }

  #sendOnce({
    method,
    path,
    host = 'localhost',
    headers,
    body,
    isStreamed = false,
  }: Sent): Promise<Received> {
    const length = body === undefined ? '0' : String(body.length)
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          headers: {
            host: `${host}:${this.#port}`,
            'user-agent': `cachix ${this.#version}`,
            'accept-encoding': 'gzip',
            ...(method === 'GET' || method === 'HEAD' || isStreamed ? {} : { 'content-length': length }),
            ...headers,
          },
        },
        (response) => {
          const { statusCode: status = 0, headers } = response
          buffer(response).then((body) => resolve({ status, headers, body }), reject)
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  /** A call of the API whose success has a body: status exactly 200, and JSON that says it is. */
  async ask(sent: Sent, json?: unknown): Promise<unknown> {
    const { status, headers, body } = await this.call(sent, json, { accept: accepted })
    assert.equal(status, 200, `${sent.method} ${sent.path}: ${status} ${body.toString()}`)
    assert.match(headers['content-type'] ?? 'application/octet-stream', /^application\/json(?:;|$)/)
    return JSON.parse(body.toString())
  }

  /** A call of the API whose success has none: no `Accept`, and status exactly 200. */
  async tell(sent: Sent, json?: unknown): Promise<void> {
    const { status, body } = await this.call(sent, json)
    assert.equal(status, 200, `${sent.method} ${sent.path}: ${status} ${body.toString()}`)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  /** A call of the API, whatever its answer. */
  call(sent: Sent, json?: unknown, headers: Record<string, string> = {}): Promise<Received> {
    const authorization = `Bearer ${this.#token}`
    const type = json === undefined ? {} : { 'content-type': 'application/json' }
    const body = json === undefined ? sent.body : Buffer.from(JSON.stringify(json))
    return this.send({
      ...sent,
      path: `/api/v1${sent.path}`,
      body,
      headers: { ...headers, ...type, authorization, ...sent.headers },
    })
  }
}
