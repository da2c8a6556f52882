import { openUpkeep, parseServerConfig } from '@cachix/server'
import type { ServerOptions, Upkeep } from '@cachix/server'
import { CliError } from '../../cli-error.ts'
import type { Terminal } from '../../context.ts'
import { listenForInterrupt } from '../../terminal/interrupt.ts'

/** Opens the data of the service for `work`, which Ctrl-C ends. */
export async function withUpkeep<Result>(
  { environment }: Terminal,
  options: ServerOptions,
  work: (upkeep: Upkeep) => Promise<Result>,
): Promise<Result> {
  const interrupt = listenForInterrupt()
  try {
    await using upkeep = await openUpkeep(parseServerConfig(options, environment), interrupt.signal)
    return await work(upkeep)
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    throw new CliError('interrupted', 'Interrupted. What was done so far is done; nothing is left half done.')
  } finally {
    interrupt.stopListening()
  }
}
