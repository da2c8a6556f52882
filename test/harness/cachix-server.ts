import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { killAtExit } from './run.ts'
import { cachix } from './runtime.ts'
import { TemporaryDirectory } from './temporary-directory.ts'
import { waitFor } from './wait-for.ts'

export interface ServerOptions {
  /** How to start the server's command line, for example inside a namespace. */
  readonly wrap?: (command: readonly string[], dataDirectory: string) => readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Data to go on with, for example a backup. */
  readonly dataDirectory?: string
}

/** `cachix serve` as a process of its own, on the loopback interface, with its data in a temporary directory. */
export class CachixServer implements AsyncDisposable {
  readonly port: number
  readonly #directory = new TemporaryDirectory('server')
  readonly #options: ServerOptions
  #child: ChildProcess | undefined
  #output = ''

  /** Starts a server and waits until it answers. */
  static async start(options: ServerOptions = {}): Promise<CachixServer> {
    const server = new CachixServer(await freePort(), options)
    await server.restart()
    return server
  }

  private constructor(port: number, options: ServerOptions) {
    this.port = port
    this.#options = options
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  /** Where a cache is in the path style; `http://NAME.localhost:PORT` is the other one. */
  pathUrl(cacheName: string): string {
    return `${this.url}/${cacheName}`
  }

  hostUrl(cacheName: string): string {
    return `http://${cacheName}.localhost:${this.port}`
  }

  get dataDirectory(): string {
    return this.#options.dataDirectory ?? join(this.#directory.path, 'data')
  }

  get ownerToken(): string {
    return readFileSync(this.#tokenFile, 'utf8').trim()
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('The server is not running.')
    return this.#child.pid
  }

  /** Everything the server has written to standard output and standard error, over all its starts. */
  get output(): string {
    return this.#output
  }

  /** Starts the server, which must not be running, on the same data and port. */
  async restart(): Promise<void> {
    const command = [
      ...cachix,
      'serve',
      '--listen',
      `127.0.0.1:${this.port}`,
      '--data',
      this.dataDirectory,
      '--owner-token-file',
      this.#tokenFile,
    ]
    const outputBefore = this.#output.length
    const [program = '', ...programArguments] = this.#options.wrap?.(command, this.dataDirectory) ?? command
    const child = spawn(program, programArguments, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        HOME: this.#directory.path,
        CACHIX_SERVE_ASK_UPSTREAMS: 'none',
        ...this.#options.environment,
      },
    })
    killAtExit(child)
    this.#child = child
    const keep = (text: string): void => {
      this.#output += text
    }
    for (const stream of [child.stdout, child.stderr] as Socket[]) {
      stream.setEncoding('utf8').on('data', keep)
      stream.unref()
    }
    // A test that fails before it could dispose of its server must not wait for it.
    child.unref()
    await waitFor('the server to be ready', () => this.#isReady(outputBefore))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Resolves when the server has ended, with its exit status or the signal that ended it. */
  ended(timeout = 30_000): Promise<number | NodeJS.Signals> {
    return waitFor('the server to end', () => this.#status(), timeout)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    if (this.#child !== undefined) await this.ended()
    this.#directory[Symbol.dispose]()
  }

  get #tokenFile(): string {
    return join(this.#directory.path, 'owner-token')
  }

  #status(): number | NodeJS.Signals | undefined {
    return this.#child?.signalCode ?? this.#child?.exitCode ?? undefined
  }

  /** Not merely that something answers: another program could have taken the port. */
  #isReady(outputBefore: number): boolean {
    const status = this.#status()
    if (status !== undefined) throw new Error(`The server ended with ${status}:\n${this.#output}`)
    return this.#output.slice(outputBefore).includes('Listening on')
  }
}
