import type { ChildProcess } from 'node:child_process'
import { startProcess } from './running-processes.ts'

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Called with the process id once the command runs. */
  readonly onStart?: (pid: number) => void
}

interface CommandResult {
  readonly stdout: string
  /** Wall time from start to exit. */
  readonly seconds: number
}

/** Runs a command to its end. Throws with the end of what it said when it fails. */
export async function runCommand(
  command: readonly string[],
  { env, onStart }: RunOptions = {},
): Promise<CommandResult> {
  const started = performance.now()
  const child = startProcess(command[0]!, command.slice(1), {
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) onStart?.(child.pid)
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const status = await ended(child)
  const seconds = (performance.now() - started) / 1000
  if (status !== 0)
    throw new Error(`${command.slice(0, 3).join(' ')} … failed (${status}): ${stderr().slice(-2000)}`)
  return { stdout: stdout(), seconds }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const parts: string[] = []
  stream?.setEncoding('utf8').on('data', (text: string) => parts.push(text))
  return () => parts.join('')
}

function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve(status ?? signal))
  })
}
