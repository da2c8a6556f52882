import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { otherUsers, withPrivateNix, withPrivateNixAs } from './namespace.ts'
import type { NixVersion } from './nix-versions.ts'
import { run, runOk, type Finished, type RunOptions } from './run.ts'
import { cachix } from './runtime.ts'
import { removeTree, TemporaryDirectory } from './temporary-directory.ts'

/** Nothing is trusted or asked for except what `cachix use` adds; no sandbox, because it would need real root. */
const systemConfiguration = `build-users-group =
sandbox = false
substituters =
require-sigs = true
experimental-features = nix-command
narinfo-cache-negative-ttl = 0
connect-timeout = 10
`

/**
 * A user's machine as far as Nix and `cachix` can tell: a /nix of its own, a home directory, a configuration and one
 * version of Nix. Only the network is shared with the rest of this machine.
 */
export class NixWorld implements Disposable {
  readonly nix: NixVersion
  readonly home: string
  /** Where the system's nix.conf is. */
  readonly configuration: string
  readonly #directory = new TemporaryDirectory('world')
  readonly #environment: Record<string, string>

  constructor(nix: NixVersion, environment: Readonly<Record<string, string>> = {}) {
    this.nix = nix
    this.home = join(this.#directory.path, 'home')
    this.configuration = join(this.#directory.path, 'etc')
    mkdirSync(this.configuration)
    writeFileSync(join(this.configuration, 'nix.conf'), systemConfiguration)
    this.#environment = {
      PATH: `${nix.programs}:/usr/local/bin:/usr/bin:/bin`,
      HOME: this.home,
      USER: 'tester',
      LANG: 'C.UTF-8',
      NIX_CONF_DIR: this.configuration,
      NIX_REMOTE: 'local',
      ...environment,
    }
    this.#makeFolders()
  }

  /** Where `/nix` of this world is on this machine. */
  get nixDirectory(): string {
    return join(this.#directory.path, 'nix')
  }

  /** Runs a program of this world in its home directory. */
  run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(withPrivateNix(this.nixDirectory, command), this.#options(options))
  }

  /** The same, expected to succeed: gives what it printed on standard output. */
  runOk(command: readonly string[], options: RunOptions = {}): Promise<string> {
    return runOk(withPrivateNix(this.nixDirectory, command), this.#options(options))
  }

  /** The same as another user of this world, in a home of their own. Only where `otherUsers`. */
  runAs(uid: number, command: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const home = this.#homeOf(uid)
    const environment = { HOME: home, ...options.environment }
    const asUser = withPrivateNixAs(uid, this.nixDirectory, command)
    return run(asUser, this.#options({ directory: home, ...options, environment }))
  }

  /** How a program of this world is started that deals with its users: as root, where there are others. */
  process(command: readonly string[]): {
    readonly command: readonly string[]
    readonly environment: NodeJS.ProcessEnv
  } {
    const within = otherUsers
      ? withPrivateNixAs(0, this.nixDirectory, command)
      : withPrivateNix(this.nixDirectory, command)
    return { command: within, environment: this.#environment }
  }

  cachix(cachixArguments: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.run([...cachix, ...cachixArguments], options)
  }

  cachixOk(cachixArguments: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.runOk([...cachix, ...cachixArguments], options)
  }

  /** Forgets every store path and everything Nix remembers about caches. Keeps the user's files and configuration. */
  wipe(): void {
    removeTree(this.nixDirectory)
    removeTree(join(this.home, '.cache'))
    this.#makeFolders()
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]()
  }

  #makeFolders(): void {
    for (const folder of ['store', 'var/nix', 'var/log']) {
      mkdirSync(join(this.nixDirectory, folder), { recursive: true })
    }
    mkdirSync(this.home, { recursive: true })
  }

  #homeOf(uid: number): string {
    const home = join(this.#directory.path, `home-${uid}`)
    if (existsSync(home)) return home
    mkdirSync(home)
    chownSync(home, uid, uid)
    chmodSync(this.#directory.path, 0o711)
    return home
  }

  #options(options: RunOptions): RunOptions {
    return { directory: this.home, ...options, environment: { ...this.#environment, ...options.environment } }
  }
}
