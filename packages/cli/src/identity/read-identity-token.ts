import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { askGithub } from './ask-github.ts'

export interface IdentitySource {
  /** Instead of what the CI gives. */
  readonly tokenFile?: string | undefined
  /** For whom it is; by default the service's address. */
  readonly audience?: string | undefined
}

/**
 * The identity token of this CI job: from a file, from CACHIX_OIDC_TOKEN (GitLab and others put it where they are told), or from
 * GitHub Actions. Throws CliError where there is none, with how to get one.
 */
export async function readIdentityToken(context: Context, source: IdentitySource): Promise<string> {
  const { environment, host } = context
  const token =
    source.tokenFile === undefined
      ? (environment['CACHIX_OIDC_TOKEN'] ?? (await askGithub(environment, source.audience ?? host)))
      : await readToken(source.tokenFile)
  if (token !== undefined && token.trim() !== '') return token.trim()
  throw new CliError('credentials', `There is no identity token. ${adviceFor(environment)}`)
}

async function readToken(path: string): Promise<string> {
  const text = await readTextFile(path)
  if (text === undefined) throw new CliError('file', `There is no file ${path}.`)
  return text
}

function adviceFor(environment: NodeJS.ProcessEnv): string {
  if (environment['GITHUB_ACTIONS'] === 'true')
    return 'Give the job what it takes to get one: `permissions: { id-token: write, contents: read }`.'
  if (environment['GITLAB_CI'] === 'true')
    return 'Give the job one: `id_tokens: { CACHIX_OIDC_TOKEN: { aud: ADDRESS } }`, with the address of the service.'
  return 'GitHub Actions gives one by itself; elsewhere set CACHIX_OIDC_TOKEN, or use --oidc-token-file FILE.'
}
