import { readFileSync } from 'node:fs'
import { freePort } from '../../test/harness/free-port.ts'
import { cachix } from '../../test/harness/runtime.ts'
import { Daemon } from '../measure/daemon.ts'
import { runCommand } from '../measure/run-command.ts'
import { nixEnvironment } from '../nix.ts'

/** The cache all rows push to. */
export const cacheName = 'bench'

interface PushOptions {
  /** The address of a proxy to the server. */
  readonly through?: string
  /** Called with the client's process id once it runs. */
  readonly onStart?: (pid: number) => void
}

/** `cachix serve` with its data in a directory that outlives it, and a client that may push to it. */
export class CachixServer {
  /** Where the server is, without a slash at the end. */
  readonly url: string
  readonly pid: number
  readonly #daemon: Daemon
  readonly #environment: NodeJS.ProcessEnv

  private constructor(url: string, daemon: Daemon, environment: NodeJS.ProcessEnv) {
    this.url = url
    this.pid = daemon.pid
    this.#daemon = daemon
    this.#environment = environment
  }

  /** Starts the server on a directory, new or with what an earlier one left there. */
  static async start(directory: string): Promise<CachixServer> {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const tokenFile = `${directory}/owner-token`
    const options = [
      '--listen',
      `127.0.0.1:${port}`,
      '--data',
      `${directory}/data`,
      '--owner-token-file',
      tokenFile,
    ]
    const env = { ...nixEnvironment(`${directory}/home`), CACHIX_HOST: url }
    const log = `${directory}/server.log`
    const [program, ...command] = [...cachix, 'serve', ...options]
    const daemon = await Daemon.start(program!, command, { env, log, readyUrl: `${url}/healthz` })
    return new CachixServer(url, daemon, {
      ...env,
      CACHIX_AUTH_TOKEN: readFileSync(tokenFile, 'utf8').trim(),
    })
  }

  /** The same on a new directory, where the cache has to be made first. */
  static async startEmpty(directory: string): Promise<CachixServer> {
    const server = await CachixServer.start(directory)
    await runCommand([...cachix, 'create', cacheName], { env: server.#environment })
    return server
  }

  /** Runs `cachix push` for a store path and its closure. Returns the wall time in seconds. */
  async push(storePath: string, { through = this.url, onStart }: PushOptions = {}): Promise<number> {
    const env = { ...this.#environment, CACHIX_HOST: through }
    const { seconds } = await runCommand(
      [...cachix, 'push', cacheName, storePath],
      onStart ? { env, onStart } : { env },
    )
    return seconds
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]()
  }
}
