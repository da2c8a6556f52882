import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { NixWorld } from './nix-world.ts'
import { killAtExit } from './run.ts'
import { waitFor } from './wait-for.ts'

/** What makes programs ask the daemon of their world instead of the store itself. */
export const throughDaemon = { NIX_REMOTE: 'daemon' }

/** The Nix daemon of a world, as root, on the world's system configuration. */
export class NixDaemon implements AsyncDisposable {
  readonly #child: ChildProcess
  #output = ''

  static async start(world: NixWorld): Promise<NixDaemon> {
    const socket = join(world.nixDirectory, 'var/nix/daemon-socket/socket')
    rmSync(socket, { force: true })
    const daemon = new NixDaemon(world)
    await waitFor('the Nix daemon to listen', () => {
      if (daemon.#child.exitCode !== null) throw new Error(`The Nix daemon ended:\n${daemon.#output}`)
      return existsSync(socket)
    })
    return daemon
  }

  private constructor(world: NixWorld) {
    const { command, environment } = world.process(['nix-daemon'])
    const [program = '', ...programArguments] = command
    this.#child = spawn(program, programArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    killAtExit(this.#child)
    this.#child.unref()
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => (this.#output += text.toString()))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await waitFor('the Nix daemon to end', () => this.#child.exitCode ?? this.#child.signalCode ?? undefined)
  }
}
