import type { Context } from '../../context.ts'
import { addOidcRule } from '../../service/access-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'
import { describeRule } from './describe-rule.ts'

export interface RuleOptions {
  readonly issuer: string
  /** By default the service's address. */
  readonly audience?: string | undefined
  /** Without any the service refuses. */
  readonly claim?: Readonly<Record<string, string>> | undefined
  readonly permission: 'read' | 'write'
  /** Seconds. */
  readonly lifetime?: number | undefined
}

/** Names people know, for issuers. */
const wellKnown: Readonly<Record<string, string>> = {
  github: 'https://token.actions.githubusercontent.com',
  gitlab: 'https://gitlab.com',
}

/** `cachix oidc add NAME`. */
export async function trustIdentity(
  context: Context,
  cacheName: string,
  options: RuleOptions,
): Promise<void> {
  requireCacheName(cacheName)
  requireToken(context, 'Trusting identities')
  const rule = await addOidcRule(context.client, cacheName, {
    issuer: wellKnown[options.issuer] ?? options.issuer,
    audience: options.audience ?? context.host,
    claims: options.claim ?? {},
    permission: options.permission === 'read' ? 'Read' : 'Write',
    lifetime: options.lifetime,
  })
  context.stdout.write(
    `${cacheName} trusts ${describeRule(rule)} (rule ${rule.id}). In the job, before pushing: cachix authtoken --oidc ${cacheName}\n`,
  )
}
