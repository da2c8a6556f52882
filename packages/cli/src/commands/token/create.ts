import type { Context } from '../../context.ts'
import { CliError } from '../../cli-error.ts'
import { createToken } from '../../service/access-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

export interface TokenOptions {
  readonly cache?: string | undefined
  readonly permission?: 'read' | 'write' | 'admin' | undefined
  readonly description?: string | undefined
  /** Seconds. */
  readonly expires?: number | undefined
}

const permissions = { read: 'Read', write: 'Write', admin: 'Admin' } as const

/** `cachix token create`: prints the token alone on standard output, so that a script can have it. */
export async function makeToken(context: Context, options: TokenOptions): Promise<void> {
  const { cache, permission, description, expires } = options
  if ((cache === undefined) !== (permission === undefined))
    throw new CliError(
      'usage',
      'A token for one cache needs both --cache NAME and --permission read|write|admin.',
    )
  if (cache !== undefined) requireCacheName(cache)
  requireToken(context, 'Making a token')
  const created = await createToken(context.client, {
    cache,
    permission: permission && permissions[permission],
    description,
    lifetime: expires,
  })
  const what = cache === undefined ? 'may do everything you may' : `may ${permission} ${cache}`
  const until = created.expiresAt === null ? 'does not expire' : `expires at ${created.expiresAt}`
  context.stderr.write(`Token ${created.id} ${what} and ${until}. It is shown this once:\n`)
  context.stdout.write(`${created.token}\n`)
}
