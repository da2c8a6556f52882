import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv
  readonly directory?: string
  readonly input?: string
  /** After this many milliseconds the process is killed and the run fails. */
  readonly timeout?: number
  /** Called once with the process, for tests that interfere with it. */
  readonly started?: (child: ChildProcess) => void
}

export interface Finished {
  /** The exit status, or the name of the signal that ended the process. */
  readonly status: number | NodeJS.Signals
  readonly stdout: string
  /** Standard output and standard error in the order they came. */
  readonly output: string
}

const defaultTimeout = 120_000
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** Has the child killed at the latest when this process ends. */
export function killAtExit(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Runs a program to its end, whatever its exit status. Throws when it cannot be started or takes too long. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = '', ...programArguments] = command
  const child = spawn(program, programArguments, { env: options.environment, cwd: options.directory })
  killAtExit(child)
  const finished = collect(child, command, options.timeout ?? defaultTimeout)
  // A program that reads no input may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  options.started?.(child)
  return finished
}

/** Runs a program that is expected to succeed and gives its standard output without the last line end. */
export async function runOk(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const finished = await run(command, options)
  assert.equal(finished.status, 0, `${command.join(' ')} ended with ${finished.status}:\n${finished.output}`)
  return finished.stdout.trimEnd()
}

function collect(
  child: ReturnType<typeof spawn>,
  command: readonly string[],
  timeout: number,
): Promise<Finished> {
  let stdout = ''
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    output += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${command.join(' ')} took more than ${timeout} ms:\n${output}`))
    }, timeout)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(limit)
      resolve({ status: signal ?? code ?? -1, stdout, output })
    })
  })
}
