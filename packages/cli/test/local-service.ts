import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LocalService extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly host: string
  /** `METHOD PATH` of everything asked so far. */
  readonly asked: readonly string[]
}

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void | Promise<void>

/** A real HTTP server on a free port, closed with its connections when its scope ends. `count` is 1 for the first request. */
export async function localService(handle: Handler): Promise<LocalService> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    void handle(request, response, asked.length)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    host: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** Answers with JSON. */
export function answer(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** Refuses as the service does: a status and a sentence. */
export function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(sentence)
}
