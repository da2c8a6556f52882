import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { SecretKey } from '@cachix/protocol'
import { defaultConfigPath, readConfig } from './config/config-file.ts'
import { resolveCredentials } from './config/credentials.ts'
import { findSigningKeys } from './config/signing-key.ts'
import { ServiceClient } from './service/service-client.ts'
import { Notices } from './terminal/notices.ts'
import { version } from './version.ts'

/** What `main` hands down from the process it runs in. */
export interface Terminal {
  readonly environment: NodeJS.ProcessEnv
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: Writable
}

/** The options every command takes. */
export type GlobalOptions = {
  readonly config?: string | undefined
  readonly hostname?: string | undefined
  readonly verbose?: boolean | undefined
}

/** What every command works with. */
export interface Context extends Terminal {
  readonly configPath: string
  /** The service: `https://HOST`, no slash at the end. */
  readonly host: string
  /** Empty: anonymous. */
  readonly token: string
  readonly verbose: boolean
  /** What happens on the side, to standard error. */
  readonly notices: Notices
  readonly client: ServiceClient
  /** The signing keys for a cache that are at hand, newest first. Throws CliError when one is unusable. */
  signingKeys(cacheName: string): Promise<readonly SecretKey[]>
}

/** Reads the configuration. Throws CliError when it, or a variable of the environment, makes no sense. */
export async function openContext(terminal: Terminal, options: GlobalOptions): Promise<Context> {
  const { environment } = terminal
  const notices = new Notices(terminal.stderr)
  const configPath = configPathOf(terminal, options)
  const config = await readConfig(configPath)
  const { host, token } = resolveCredentials(config, environment, options.hostname)
  return {
    ...terminal,
    configPath,
    host,
    token,
    verbose: options.verbose === true,
    notices,
    client: new ServiceClient({
      host,
      token,
      userAgent: `cachix ${version}`,
      onRetry: (attempt, failure) => notices.tell(`${messageOf(failure)} Trying again (retry #${attempt}).`),
      onWarning: (warning) => notices.tell(`Warning: ${warning}`),
    }),
    signingKeys: (cacheName) => findSigningKeys(cacheName, config, environment),
  }
}

/** The configuration file in use, as an absolute path. */
export function configPathOf({ environment }: Terminal, options: GlobalOptions): string {
  return resolve(options.config ?? defaultConfigPath(environment))
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
