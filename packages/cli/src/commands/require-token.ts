import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'

/** Throws CliError, before anything is done, where there is no token for something that needs one. */
export function requireToken({ token, host }: Context, purpose: string): void {
  if (token !== '') return
  throw new CliError(
    'credentials',
    `${purpose} needs an auth token of ${host}: save one with \`cachix authtoken TOKEN\`, or set CACHIX_AUTH_TOKEN. (\`cachix serve\` prints its owner's when it first starts.)`,
  )
}
