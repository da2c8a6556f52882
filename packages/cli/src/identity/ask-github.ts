import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { exchange } from '../service/exchange.ts'

const timeout = 30_000
const Answer = z.object({ value: z.string() })

/**
 * An identity token of GitHub Actions; undefined elsewhere, and in jobs that may not have one. As in
 * https://docs.github.com/actions/reference/security/oidc
 */
export async function askGithub(
  environment: NodeJS.ProcessEnv,
  audience: string,
): Promise<string | undefined> {
  const address = environment['ACTIONS_ID_TOKEN_REQUEST_URL']
  const secret = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  if (!address || !secret || !URL.canParse(address)) return undefined
  const url = new URL(address)
  url.searchParams.set('audience', audience)
  try {
    const headers = { authorization: `Bearer ${secret}`, accept: 'application/json' }
    const { status, text } = await exchange({ method: 'GET', url, headers, idleTimeout: timeout })
    if (status !== 200) throw new Error(`it answered ${status}`)
    return Answer.parse(JSON.parse(text)).value
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('credentials', `GitHub gives no identity token: ${reason}.`, { cause })
  }
}
