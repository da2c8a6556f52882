import { CliError } from '../../cli-error.ts'
import type { Context } from '../../context.ts'
import { revokeToken } from '../../service/access-calls.ts'
import { requireToken } from '../require-token.ts'

/** `cachix token revoke ID`. */
export async function withdrawToken(context: Context, id: string): Promise<void> {
  if (!/^\d{1,15}$/.test(id))
    throw new CliError('usage', `"${id}" is not an id: \`cachix token list\` shows them.`)
  requireToken(context, 'Revoking a token')
  await revokeToken(context.client, Number(id))
  context.stdout.write(`Revoked token ${id}: nobody can use it any more.\n`)
}
