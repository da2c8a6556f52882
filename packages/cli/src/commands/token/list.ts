import type { TokenInfo } from '@cachix/api'
import type { Context } from '../../context.ts'
import { listTokens } from '../../service/access-calls.ts'
import { printable } from '../../service/explain-failure.ts'
import { formatTable } from '../../terminal/format-table.ts'
import { requireToken } from '../require-token.ts'

/** `cachix token list`. */
export async function printTokens(
  context: Context,
  { json }: { readonly json?: true | undefined },
): Promise<void> {
  requireToken(context, 'Listing tokens')
  const tokens = await listTokens(context.client)
  if (json) context.stdout.write(`${JSON.stringify(tokens, undefined, 2)}\n`)
  else context.stdout.write(formatTable([heading, ...tokens.map(rowOf)]))
}

const heading = ['ID', 'MAY', 'CREATED', 'EXPIRES', 'LAST USED', 'DESCRIPTION']

function rowOf(token: TokenInfo): string[] {
  return [
    String(token.id),
    rightOf(token),
    dayOf(token.createdAt),
    token.expiresAt === null ? 'never' : expiryOf(token.expiresAt),
    token.lastUsedAt === null ? 'never' : dayOf(token.lastUsedAt),
    printable(token.description),
  ]
}

function rightOf({ cache, permission }: TokenInfo): string {
  return cache === null ? 'everything' : `${(permission ?? '').toLowerCase()} ${cache}`
}

function expiryOf(time: string): string {
  return Date.parse(time) > Date.now() ? minuteOf(time) : 'expired'
}

function dayOf(time: string): string {
  return time.slice(0, '2026-01-31'.length)
}

function minuteOf(time: string): string {
  return time.slice(0, '2026-01-31T00:00'.length).replace('T', ' ')
}
