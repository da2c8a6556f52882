import { CommanderError } from '@commander-js/extra-typings'
import { CliError } from './cli-error.ts'
import type { Terminal } from './context.ts'
import { createProgram } from './program.ts'

const interrupted = 130

/** Runs one command line, without the program's name, and returns the exit status. Failures are told on standard error. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // Commander has printed its own message, or the help or version that was asked for.
    if (error instanceof CommanderError) return error.exitCode
    terminal.stderr.write(`${describe(error, program.opts().verbose === true)}\n`)
    return error instanceof CliError && error.code === 'interrupted' ? interrupted : 1
  }
}

function describe(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return String(error)
  if (!verbose) return error.message
  const cause = error.cause === undefined ? '' : `\nCaused by: ${describe(error.cause, verbose)}`
  return `${error.stack ?? error.message}${cause}`
}
