import type { OidcRuleInfo } from '@cachix/api'
import type { Context } from '../../context.ts'
import { listOidcRules } from '../../service/access-calls.ts'
import { printable } from '../../service/explain-failure.ts'
import { formatTable } from '../../terminal/format-table.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'
import { describeClaims } from './describe-rule.ts'

/** `cachix oidc list NAME`. */
export async function printRules(
  context: Context,
  cacheName: string,
  { json }: { readonly json?: true | undefined },
): Promise<void> {
  requireCacheName(cacheName)
  requireToken(context, 'Listing whom a cache trusts')
  const rules = await listOidcRules(context.client, cacheName)
  if (json) context.stdout.write(`${JSON.stringify(rules, undefined, 2)}\n`)
  else if (rules.length > 0) context.stdout.write(formatTable([heading, ...rules.map(rowOf)]))
  else
    context.stderr.write(
      `${cacheName} trusts nobody's jobs. \`cachix oidc add ${cacheName} …\` changes that.\n`,
    )
}

const heading = ['ID', 'MAY', 'FOR', 'ISSUER', 'AUDIENCE', 'CLAIMS']

function rowOf({ id, permission, lifetime, issuer, audience, claims }: OidcRuleInfo): string[] {
  const minutes = `${Math.round(lifetime / 60)} min`
  return [String(id), permission.toLowerCase(), minutes, issuer, audience, describeClaims(claims)].map(
    printable,
  )
}
