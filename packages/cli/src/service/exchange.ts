import { existsSync, readFileSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import { pipeline } from 'node:stream/promises'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: http.OutgoingHttpHeaders
  /** In parts. */
  readonly body?: readonly Uint8Array[] | undefined
  /** Milliseconds without a byte in either direction after which the connection is given up. */
  readonly idleTimeout: number
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** The network failed: no whole answer came. Worth another attempt. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

const maxAnswerBytes = 16 * 1024 * 1024
const agentOptions = { keepAlive: true, proxyEnv: process.env }
const httpAgent = new http.Agent(agentOptions)
const httpsAgent = new https.Agent({ ...agentOptions, ...trustedCertificates(process.env) })

/**
 * One HTTP request and its whole answer, whatever its status. The body is streamed with back-pressure, as node:http
 * does and fetch does not. Throws ConnectionError when the network fails, and the signal's reason.
 */
export async function exchange(request: Request): Promise<Answer> {
  try {
    return await converse(request)
  } catch (error) {
    if (request.signal?.aborted === true) throw request.signal.reason
    throw new ConnectionError(messageOf(error), { cause: error })
  }
}

async function converse(request: Request): Promise<Answer> {
  const outgoing = open(request)
  const response = responseTo(outgoing)
  // A service may answer (401, 413) before it has read the body. Then the answer counts, not the broken pipe; and
  // where there is no answer, `response` fails with the same error.
  pipeline(request.body ?? [], outgoing).catch(() => undefined)
  const incoming = await response
  const text = await readText(incoming)
  if (!outgoing.writableFinished) outgoing.destroy()
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text }
}

function open(request: Request): http.ClientRequest {
  const secure = request.url.protocol === 'https:'
  const outgoing = (secure ? https : http).request(request.url, {
    method: request.method,
    headers: request.headers,
    agent: secure ? httpsAgent : httpAgent,
    ...(request.signal && { signal: request.signal }),
  })
  outgoing.setTimeout(request.idleTimeout, () => outgoing.destroy(new Error('the service fell silent')))
  return outgoing
}

/** The authorities Nix is told to trust, as in a company with one of its own; otherwise the runtime's. */
function trustedCertificates(environment: NodeJS.ProcessEnv): { readonly ca?: string } {
  const path = environment['NIX_SSL_CERT_FILE'] ?? environment['SSL_CERT_FILE']
  return path !== undefined && existsSync(path) ? { ca: readFileSync(path, 'utf8') } : {}
}

function responseTo(outgoing: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.on('close', () => reject(new Error('the connection was closed without an answer')))
  })
}

async function readText(incoming: http.IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of incoming as AsyncIterable<Uint8Array>) {
    size += piece.length
    if (size > maxAnswerBytes) throw new Error('the answer is too long')
    pieces.push(piece)
  }
  const declared = incoming.headers['content-length']
  if (declared !== undefined && Number(declared) !== size) throw new Error('the answer was cut short')
  return Buffer.concat(pieces).toString('utf8')
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
