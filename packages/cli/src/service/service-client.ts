import {
  BinaryCache,
  ReceivedBundle,
  ChunkNames,
  maxChunkNames,
  PathOutcomes,
  StoreHashes,
  User,
} from '@cachix/api'
import type { CreateCache, PathCreate, PathOutcome } from '@cachix/api'
import type { z } from 'zod'
import type { Answer } from './exchange.ts'
import { exchange } from './exchange.ts'
import {
  explainRefusal,
  explainUnreachable,
  isWorthRetrying,
  isWrongAddress,
  printable,
  shapeError,
} from './explain-failure.ts'
import type { RetryPolicy } from './retry.ts'
import { defaultRetryPolicy, retry } from './retry.ts'

export interface ServiceClientOptions {
  /** `https://HOST`, no slash at the end. */
  readonly host: string
  /** Empty: anonymous. */
  readonly token: string
  readonly userAgent: string
  readonly retryPolicy?: RetryPolicy | undefined
  /** Called before each wait for another attempt. */
  readonly onRetry?: ((attempt: number, failure: unknown) => void) | undefined
  /** Called with what the service wants the user to know although it did what was asked. */
  readonly onWarning?: ((warning: string) => void) | undefined
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly json?: unknown
  /** The body, unless it is JSON. */
  readonly parts?: readonly Uint8Array[] | undefined
  /** The service checks whole NARs before it answers. */
  readonly takesLong?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** As many store hashes as the service takes in one question. */
const hashesPerQuery = 32_768
const idleTimeout = 60_000
const longIdleTimeout = 15 * 60_000

/**
 * The HTTP API under /api/v1. Every method retries what may pass (lost connections, 429, most 5xx) and otherwise
 * throws ServiceError, whose message is for the user. The service's calls are idempotent, so a repeated one does no harm.
 */
export class ServiceClient {
  readonly host: string
  readonly #options: ServiceClientOptions
  readonly #warnings = new Set<string>()
  #connected = false

  constructor(options: ServiceClientOptions) {
    this.host = options.host
    this.#options = options
  }

  /** Whether anything sent may have arrived. */
  get connected(): boolean {
    return this.#connected
  }

  /** The same service, as somebody else. */
  withToken(token: string): ServiceClient {
    return new ServiceClient({ ...this.#options, token })
  }

  getCache(name: string, signal?: AbortSignal): Promise<BinaryCache> {
    return this.#ask(BinaryCache, { method: 'GET', path: cachePath(name), signal })
  }

  async createCache(name: string, body: CreateCache, signal?: AbortSignal): Promise<void> {
    await this.#call({ method: 'POST', path: cachePath(name), json: body, signal })
  }

  /** `publicKey`: base64 of the 32 bytes, without a name. */
  async addKey(name: string, publicKey: string, signal?: AbortSignal): Promise<void> {
    await this.#call({ method: 'POST', path: `${cachePath(name)}/key`, json: { publicKey }, signal })
  }

  /** Which of these store hashes are not stored in the cache itself, in as few questions as the service allows. */
  async findMissing(name: string, hashes: readonly string[], signal?: AbortSignal): Promise<Set<string>> {
    const missing = new Set<string>()
    for (let start = 0; start < hashes.length; start += hashesPerQuery) {
      const json = hashes.slice(start, start + hashesPerQuery)
      const call: Call = {
        method: 'POST',
        path: `${cachePath(name)}/narinfo?upstreams=ignored`,
        json,
        signal,
      }
      for (const hash of await this.#ask(StoreHashes, call)) missing.add(hash)
    }
    return missing
  }

  /** Which of these chunks have to be sent. */
  async findMissingChunks(
    name: string,
    chunks: readonly string[],
    signal?: AbortSignal,
  ): Promise<Set<string>> {
    const missing = new Set<string>()
    for (let start = 0; start < chunks.length; start += maxChunkNames) {
      const json = chunks.slice(start, start + maxChunkNames)
      const call: Call = { method: 'POST', path: `${cachePath(name)}/chunks/missing`, json, signal }
      for (const chunk of await this.#ask(ChunkNames, call)) missing.add(chunk)
    }
    return missing
  }

  /** Sends frames and the index that comes before them, in parts. */
  sendBundle(name: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<ReceivedBundle> {
    return this.#ask(ReceivedBundle, { method: 'POST', path: `${cachePath(name)}/bundles`, parts, signal })
  }

  /** Makes store paths visible whose chunks were sent. What became of each comes in the order of the paths. */
  async publishPaths(
    name: string,
    paths: readonly PathCreate[],
    signal?: AbortSignal,
  ): Promise<readonly PathOutcome[]> {
    const path = `${cachePath(name)}/paths`
    const call: Call = { method: 'POST', path, json: { paths }, takesLong: true, signal }
    return (await this.#ask(PathOutcomes, call)).paths
  }

  whoAmI(signal?: AbortSignal): Promise<User> {
    return this.#ask(User, { method: 'GET', path: '/user', signal })
  }

  /** Calls that other modules describe. Throws ServiceError. */
  ask<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    return this.#ask(schema, call)
  }

  /** The same where there is nothing to be answered. */
  async tell(call: Call): Promise<void> {
    await this.#call(call)
  }

  async #ask<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    const { text } = await this.#call(call)
    const parsed = schema.safeParse(parseJson(text))
    if (!parsed.success) throw shapeError(this.host, parsed.error)
    return parsed.data
  }

  #call(call: Call): Promise<Answer> {
    return retry(() => this.#attempt(call), {
      ...(this.#options.retryPolicy ?? defaultRetryPolicy),
      judge: (failure) => isWorthRetrying(failure, this.#connected),
      onRetry: this.#options.onRetry,
      signal: call.signal,
    })
  }

  async #attempt(call: Call): Promise<Answer> {
    const answer = await this.#exchange(call)
    this.#passOnWarning(answer)
    if (answer.status < 200 || answer.status > 299) throw explainRefusal(this.host, answer)
    return answer
  }

  async #exchange({ method, path, json, parts, takesLong, signal }: Call): Promise<Answer> {
    const body = parts ?? (json === undefined ? undefined : [Buffer.from(JSON.stringify(json))])
    try {
      const answer = await exchange({
        method,
        url: new URL(`${this.host}/api/v1${path}`),
        headers: { ...this.#headers(), ...(body && bodyHeaders(body, parts === undefined)) },
        body,
        idleTimeout: takesLong === true ? longIdleTimeout : idleTimeout,
        signal,
      })
      this.#connected = true
      return answer
    } catch (error) {
      if (!isWrongAddress(error)) this.#connected = true
      throw explainUnreachable(this.host, error)
    }
  }

  #headers(): Record<string, string> {
    const { token, userAgent } = this.#options
    return {
      'user-agent': userAgent,
      accept: 'application/json, text/plain;q=0.5',
      ...(token !== '' && { authorization: `Bearer ${token}` }),
    }
  }

  /** Each warning once, not once per request. */
  #passOnWarning({ headers }: Answer): void {
    const warning = headers['x-cachix-warning']
    if (typeof warning !== 'string' || this.#warnings.has(warning)) return
    this.#warnings.add(warning)
    this.#options.onWarning?.(printable(warning))
  }
}

/** Below `/api/v1`. */
export function cachePath(name: string): string {
  return `/cache/${encodeURIComponent(name)}`
}

function bodyHeaders(parts: readonly Uint8Array[], isJson: boolean): Record<string, string> {
  return {
    'content-type': isJson ? 'application/json' : 'application/octet-stream',
    'content-length': String(parts.reduce((sum, { length }) => sum + length, 0)),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
