import { hash } from 'node:crypto'
import { CacheError } from '../../cache-error.ts'
import type { OidcRule } from '../../database/oidc-rule-table.ts'
import type { Token } from '../../database/token-table.ts'
import { kindGiving } from '../authorize.ts'
import { hashToken, newTokenText } from '../token-text.ts'
import { matchesPattern } from './match-pattern.ts'
import { verifyIdentity } from './verify-identity.ts'
import type { Identity, VerifyIdentityDeps } from './verify-identity.ts'

export interface IdentityExchange {
  readonly cacheName: string
  /** Of the issuer. */
  readonly identityToken: string
}

export interface GivenToken {
  readonly token: Token
  readonly rule: OidcRule
  /** Nowhere else. */
  readonly text: string
}

/**
 * A token for a cache, for somebody whom a rule of the cache trusts; once for each identity token. A cache without a fitting
 * rule and one that does not exist are told apart by nothing. Throws `not-authorized` and `unavailable`.
 */
export async function exchangeIdentity(
  deps: VerifyIdentityDeps,
  { cacheName, identityToken }: IdentityExchange,
): Promise<GivenToken> {
  const identity = await verifyIdentity(deps, identityToken)
  const rules = await deps.database.oidcRules.find(cacheName, identity.issuer)
  const fitting = rules.filter((rule) => accepts(rule, identity))
  const rule = fitting.find(({ permission }) => permission === 'Write') ?? fitting[0]
  if (rule === undefined) throw unacceptable(cacheName, identity)
  return { rule, ...(await giveToken(deps, rule, { identity, identityToken })) }
}

async function giveToken(
  { database }: VerifyIdentityDeps,
  rule: OidcRule,
  { identity, identityToken }: { readonly identity: Identity; readonly identityToken: string },
): Promise<Omit<GivenToken, 'rule'>> {
  const kind = kindGiving(rule.permission)
  const text = newTokenText(kind)
  const exchange = {
    ruleId: rule.id,
    hash: exchangeHash(rule.cacheId, identityToken),
    expiresAt: identity.expiresAt,
  }
  const token = await database.oidcRules.exchange(exchange, {
    accountId: rule.accountId,
    cacheId: rule.cacheId,
    hash: hashToken(text),
    kind,
    description: describe(identity),
    expiresAt: Date.now() + rule.lifetimeMs,
  })
  if (token) return { token, text }
  throw new CacheError(
    'not-authorized',
    'This identity token was exchanged before: get another from its issuer.',
  )
}

function accepts({ audience, claims }: OidcRule, identity: Identity): boolean {
  if (!identity.audiences.includes(audience)) return false
  return Object.entries(claims).every(([claim, pattern]) =>
    valuesOf(identity.claims, claim).some((value) => matchesPattern(pattern, value)),
  )
}

/** A list, as of groups, fits if one of its members does. */
function valuesOf(claims: Identity['claims'], claim: string): string[] {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  return (Array.isArray(value) ? value : [value])
    .filter((each) => ['string', 'number', 'boolean'].includes(typeof each))
    .map(String)
}

/** Of what is signed: signatures can be varied without becoming wrong. */
function exchangeHash(cacheId: number, identityToken: string): string {
  return hash('sha256', `${cacheId} ${identityToken.slice(0, identityToken.lastIndexOf('.'))}`, 'hex')
}

/** The sender may read what their own token says. */
function unacceptable(cacheName: string, identity: Identity): CacheError {
  return new CacheError(
    'not-authorized',
    `Binary cache ${cacheName} doesn't exist or does not trust this identity: ${describe(identity)}, for ${identity.audiences.join(', ')}.`,
  )
}

const longestDescription = 200

function describe({ claims }: Identity): string {
  return `OIDC ${String(claims['sub'])}`.replaceAll(/\p{C}/gu, '?').slice(0, longestDescription)
}
