import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { signalGroup, startProcess } from './running-processes.ts'

interface DaemonOptions {
  readonly env: NodeJS.ProcessEnv
  /** Where its output goes. */
  readonly log: string
  /** Answers with 200 as soon as the daemon is ready. */
  readonly readyUrl: string
}

/** A server that runs beside the bench until it is disposed of. */
export class Daemon {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(command: string, args: readonly string[], options: DaemonOptions): Promise<Daemon> {
    const log = openSync(options.log, 'a')
    const child = startProcess(command, args, { env: options.env, stdio: ['ignore', log, log] })
    closeSync(log)
    const daemon = new Daemon(child)
    await daemon.#ready(options)
    return daemon
  }

  get pid(): number {
    return this.#child.pid!
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async #ready({ readyUrl, log }: DaemonOptions): Promise<void> {
    for (let attempt = 0; attempt < 300 && !this.#ended; attempt++) {
      const response = await fetch(readyUrl).catch(() => undefined)
      if (response?.status === 200) return
      await delay(100)
    }
    throw new Error(`${this.#child.spawnfile} did not become ready: ${readFileSync(log, 'utf8')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return
    const ended = new Promise((resolve) => this.#child.on('exit', resolve))
    signalGroup(this.#child, 'SIGTERM')
    const kill = setTimeout(() => signalGroup(this.#child, 'SIGKILL'), 10_000)
    await ended
    clearTimeout(kill)
  }
}
