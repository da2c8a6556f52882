import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { CacheDatabase } from '../../src/database/cache-database.ts'
import { openSqliteDatabase } from '../../src/database/sqlite/open-sqlite-database.ts'
import { createServer, parseServerConfig } from '../../src/index.ts'
import type { RunningServer } from '../../src/index.ts'
import { hashToken } from '../../src/services/token-text.ts'
import { claimsOf, sampleNar, textFile } from '../services/sample-nar.ts'
import type { SampleNar, SamplePath } from '../services/sample-nar.ts'

export interface Question {
  readonly method?: string
  readonly path: string
  /** As the `Host` header; default: the service's own. */
  readonly host?: string | undefined
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array | undefined
}

export interface Answer {
  readonly status: number
  /** As sent, `date` left out. */
  readonly lines: readonly string[]
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** A whole server on a free port, with its data in a temporary directory. */
export class HttpStage {
  readonly directory: string
  readonly server: RunningServer
  readonly token: string
  readonly #log: Buffer[] = []

  private constructor(directory: string, server: RunningServer, log: PassThrough) {
    this.directory = directory
    this.server = server
    this.token = server.ownerToken ?? ''
    log.on('data', (line: Buffer) => this.#log.push(line))
  }

  static async open(environment: Record<string, string> = {}): Promise<HttpStage> {
    const directory = await mkdtemp(join(tmpdir(), 'http-'))
    const log = new PassThrough()
    const settings = { CACHIX_SERVE_ASK_UPSTREAMS: 'none', ...environment }
    const config = parseServerConfig({ listen: '127.0.0.1:0', data: directory }, settings)
    return new HttpStage(directory, await createServer(config, { log }), log)
  }

  async close(): Promise<void> {
    await this.server.close(0)
    await rm(this.directory, { recursive: true })
  }

  /** All that was logged so far. */
  get log(): string {
    return Buffer.concat(this.#log).toString()
  }

  get databasePath(): string {
    return join(this.directory, 'cachix.sqlite')
  }

  /** A second connection to the database. */
  async withDatabase<Result>(use: (database: CacheDatabase) => Promise<Result>): Promise<Result> {
    const database = await openSqliteDatabase(this.databasePath)
    try {
      return await use(database)
    } finally {
      await database.close()
    }
  }

  /** A token of an account of its own, which has nothing else. */
  addStranger(text: string): Promise<unknown> {
    const token = { hash: hashToken(text), description: 'of a stranger' }
    return this.withDatabase((database) => database.accounts.create(`account of ${text}`, token))
  }

  /** A token of the owner, which expired in 1970 if `isExpired`. */
  addToken(text: string, { isExpired = false } = {}): Promise<unknown> {
    return this.withDatabase((database) =>
      database.tokens.create({
        accountId: 1,
        hash: hashToken(text),
        kind: 'personal',
        description: 'of a test',
        expiresAt: isExpired ? 1 : undefined,
      }),
    )
  }

  ask({ method = 'GET', path, host, headers, body }: Question): Promise<Answer> {
    const { port } = this.server
    return new Promise((resolve, reject) => {
      const options = {
        port,
        host: '127.0.0.1',
        method,
        path,
        // Who is refused before the body was read may find the connection closed.
        ...(body !== undefined && { agent: false as const }),
        headers: { host: host ?? `localhost:${port}`, ...headers },
      }
      const asked = request(options, (response) => {
        buffer(response).then((bytes) => {
          const { statusCode = 0, headers } = response
          const lines = [`${statusCode} ${response.statusMessage}`, ...linesOf(response.rawHeaders)]
          resolve({ status: statusCode, lines, headers, body: bytes, text: bytes.toString() })
        }, reject)
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  /** As the owner. */
  post(path: string, body: unknown): Promise<Answer> {
    return this.ask({
      method: 'POST',
      path: `/api/v1${path}`,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body instanceof Uint8Array ? body : JSON.stringify(body),
    })
  }

  /** A cache whose key the service keeps. */
  async create(name: string, isPublic = true): Promise<void> {
    expectSuccess(await this.post(`/cache/${name}`, { isPublic, generateSigningKey: true }))
  }

  /** Uploads and publishes. */
  async push(cache: string, path: SamplePath, nar: SampleNar): Promise<void> {
    expectSuccess(await this.post(`/cache/${cache}/nar?compression=zst`, nar.file))
    expectSuccess(await this.post(`/cache/${cache}/${path.hash}.narinfo`, claimsOf(path, nar)))
  }
}

function linesOf(rawHeaders: readonly string[]): string[] {
  const lines = Array.from({ length: rawHeaders.length / 2 }, (_, i) =>
    rawHeaders.slice(2 * i, 2 * i + 2).join(': '),
  )
  return lines.filter((line) => !/^date:/i.test(line))
}

export const samplePath: SamplePath = { hash: '0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c', name: 'hello-2.12' }
export const absentHash = '1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d'
export const helloNar = sampleNar(textFile('hello '.repeat(100_000)))

function expectSuccess({ status, text }: Answer): void {
  if (status !== 200) throw new Error(`Answered ${status}: ${text}`)
}
