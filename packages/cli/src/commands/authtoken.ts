import { text } from 'node:stream/consumers'
import { CliError } from '../cli-error.ts'
import { updateConfig } from '../config/config-file.ts'
import { parseToken } from '../config/credentials.ts'
import type { Context } from '../context.ts'
import { ServiceError } from '../service/service-error.ts'

interface AuthTokenSource {
  readonly token: string | undefined
  readonly stdin: boolean
}

/** Milliseconds the service has to say what it thinks of a new token. */
const patience = 5000

/** `cachix authtoken`: saves the token, then warns if the service does not know it. */
export async function saveAuthToken(context: Context, source: AuthTokenSource): Promise<void> {
  const authToken = parseToken(await readToken(context, source))
  if (authToken === '') throw new CliError('usage', 'The auth token is empty.')
  await updateConfig(context.configPath, (config) => ({ ...config, authToken }))
  context.stdout.write(`Written to ${context.configPath}\n`)
  if (context.environment['CACHIX_AUTH_TOKEN'] !== undefined) {
    context.stderr.write('Note: CACHIX_AUTH_TOKEN is set, and is used instead of the saved token.\n')
  }
  await warnIfRefused(context, authToken)
}

async function readToken(context: Context, { token, stdin }: AuthTokenSource): Promise<string> {
  if (stdin === (token !== undefined)) {
    throw new CliError('usage', 'Give the token either as an argument or, with --stdin, on standard input.')
  }
  return token ?? (await text(context.stdin))
}

async function warnIfRefused(context: Context, token: string): Promise<void> {
  try {
    await context.client.withToken(token).whoAmI(AbortSignal.timeout(patience))
  } catch (error) {
    // Being offline is no reason to doubt a token.
    if (!(error instanceof ServiceError) || error.status !== 401) return
    context.stderr.write(`Warning: ${context.host} does not accept this token: ${error.message}\n`)
  }
}
