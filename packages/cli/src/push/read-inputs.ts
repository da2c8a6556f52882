import { addAbortSignal, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CliError } from '../cli-error.ts'

/**
 * What to push: the paths of the command line, else the words of standard input. Throws CliError when there are no
 * paths and standard input is a terminal, on which nobody would know that they are waited for.
 */
export async function readInputs(
  paths: readonly string[],
  stdin: Readable & { readonly isTTY?: boolean },
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (paths.length > 0) return paths
  if (stdin.isTTY === true) {
    throw new CliError(
      'usage',
      'Nothing to push: name store paths, or pipe them in: nix-build | cachix push NAME',
    )
  }
  return (await text(addAbortSignal(signal, stdin))).split(/\s+/).filter(Boolean)
}
