import type { NewToken, Token } from './token-table.ts'

/** Whom a cache trusts: holders of an OpenID Connect token of an issuer, for an audience, with certain claims. */
export interface OidcRule {
  readonly id: number
  readonly cacheId: number
  readonly accountId: number
  /** A URL, compared as it is. */
  readonly issuer: string
  readonly audience: string
  /** Patterns, by the names of the claims. */
  readonly claims: Readonly<Record<string, string>>
  readonly permission: 'Read' | 'Write'
  /** Of the tokens it gives, in milliseconds. */
  readonly lifetimeMs: number
  readonly createdAt: number
}

export type NewOidcRule = Omit<OidcRule, 'id' | 'accountId' | 'createdAt'>

/** An identity that is exchanged for a token. */
export interface OidcExchange {
  readonly ruleId: number
  /** Lower-case hex SHA-256: of the identity, and of what it is exchanged for. */
  readonly hash: string
  /** Until when this must be remembered: from then on the identity counts no more. */
  readonly expiresAt: number
}

/** A part of `CacheDatabase`, whose contract holds here too. */
export interface OidcRuleTable {
  add(rule: NewOidcRule): Promise<OidcRule>
  /** Oldest first. */
  list(cacheId: number): Promise<readonly OidcRule[]>
  /** With the tokens it gave. False if the cache has no such rule. */
  remove(cacheId: number, id: number): Promise<boolean>
  /** Whether a rule of any cache names it. */
  isKnownIssuer(issuer: string): Promise<boolean>
  /** Oldest first. */
  find(cacheName: string, issuer: string): Promise<readonly OidcRule[]>
  /** Makes the token; undefined, and nothing changed, if this exchange was made before. */
  exchange(exchange: OidcExchange, token: NewToken): Promise<Token | undefined>
  /** Forgets exchanges that need not be remembered any longer. */
  dropExpired(before: number): Promise<void>
}
