import { CliError } from '../cli-error.ts'
import type { ConfigFile } from './config-file.ts'
import { defaultHost, parseHost } from './service-host.ts'

export interface Credentials {
  readonly host: string
  /** Empty: anonymous. */
  readonly token: string
}

/** The command line beats the environment, which beats the file, which beats the default. */
export function resolveCredentials(
  config: ConfigFile,
  environment: NodeJS.ProcessEnv,
  hostOption: string | undefined,
): Credentials {
  return {
    host: parseHost(hostOption ?? nonEmpty(environment['CACHIX_HOST']) ?? config.hostname ?? defaultHost),
    // Set to nothing means "be anonymous", whatever the file says.
    token: parseToken(environment['CACHIX_AUTH_TOKEN'] ?? config.authToken ?? ''),
  }
}

/** Tokens travel in an HTTP header and in netrc: visible ASCII only. Surrounding blanks are dropped. */
export function parseToken(text: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]*$/.test(token)) return token
  throw new CliError(
    'credentials',
    'The auth token contains blanks or other characters no token has. Was it copied whole, and nothing else?',
  )
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
