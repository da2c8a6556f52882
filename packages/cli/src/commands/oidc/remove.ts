import { CliError } from '../../cli-error.ts'
import type { Context } from '../../context.ts'
import { removeOidcRule } from '../../service/access-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

/** `cachix oidc remove NAME ID`. */
export async function distrustIdentity(context: Context, cacheName: string, id: string): Promise<void> {
  requireCacheName(cacheName)
  if (!/^\d{1,15}$/.test(id))
    throw new CliError('usage', `"${id}" is not an id: \`cachix oidc list\` shows them.`)
  requireToken(context, 'Changing whom a cache trusts')
  await removeOidcRule(context.client, cacheName, Number(id))
  context.stdout.write(`Removed rule ${id} of ${cacheName}, and revoked the tokens it gave.\n`)
}
