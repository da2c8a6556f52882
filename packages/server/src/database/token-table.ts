/** What a token lets its bearer do. `personal`: everything its account may do; the others are for one cache. */
export type TokenKind = 'personal' | 'cache-read' | 'cache-write' | 'cache-admin'

export interface Token {
  readonly id: number
  readonly accountId: number
  readonly accountName: string
  readonly kind: TokenKind
  /** The one cache the token is for; undefined for `personal`. */
  readonly cacheId: number | undefined
  readonly cacheName: string | undefined
  readonly description: string
  readonly createdAt: number
  readonly expiresAt: number | undefined
  /** As `noteUse` was last told. */
  readonly lastUsedAt: number | undefined
}

export interface NewToken {
  readonly accountId: number
  /** Lower-case hex SHA-256 of the token's text. The text itself is never stored. */
  readonly hash: string
  readonly kind: TokenKind
  readonly cacheId?: number | undefined
  readonly description: string
  readonly expiresAt?: number | undefined
}

/** A token of an account that does not exist yet. */
export type FirstToken = Pick<NewToken, 'hash' | 'description'>

/** Tokens of an account: all of them, or those for one cache. */
export interface TokenScope {
  readonly accountId: number
  readonly cacheId?: number | undefined
}

/** What expired before these times. */
export interface TokenExpiry {
  readonly made: number
  /** Of tokens that were given out for an identity. */
  readonly exchanged: number
}

/** A part of `CacheDatabase`, whose contract holds here too. */
export interface TokenTable {
  /** Throws `conflict` when there is a token with this hash. */
  create(token: NewToken): Promise<Token>
  /** Also finds expired tokens: telling the bearer why is the caller's business. */
  findByHash(hash: string): Promise<Token | undefined>
  /** Newest first, expired ones too. */
  list(scope: TokenScope): Promise<readonly Token[]>
  /** False, and nothing changed, if there is no such token in the scope. */
  revoke(scope: TokenScope, id: number): Promise<boolean>
  noteUse(id: number, at: number): Promise<void>
  /** Forgets expired tokens. Gives how many. */
  dropExpired(before: TokenExpiry): Promise<number>
}
