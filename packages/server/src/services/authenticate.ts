import type { CacheDatabase } from '../database/cache-database.ts'
import type { Token, TokenKind } from '../database/token-table.ts'
import { hashToken } from './token-text.ts'
import type { TokenUses } from './token-uses.ts'

/** On whose behalf a request is made, and how far that goes. */
export interface Identity {
  readonly accountId: number
  readonly accountName: string
  readonly kind: TokenKind
  /** The one cache the token is for; undefined for `personal`. */
  readonly cacheId: number | undefined
  readonly tokenId: number
  readonly expiresAt: number | undefined
}

export type Authentication =
  | { readonly outcome: 'anonymous' }
  | { readonly outcome: 'known'; readonly identity: Identity }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'expired'; readonly description: string }

export interface AuthenticateDeps {
  readonly database: CacheDatabase
  readonly tokenUses: Pick<TokenUses, 'note'>
}

/** Whose token this is. No token, or an empty one, is `anonymous`. */
export async function authenticate(
  { database, tokenUses }: AuthenticateDeps,
  tokenText: string | undefined,
): Promise<Authentication> {
  if (!tokenText) return { outcome: 'anonymous' }
  const token = await database.tokens.findByHash(hashToken(tokenText))
  if (token === undefined) return { outcome: 'unknown' }
  if (isExpired(token)) return { outcome: 'expired', description: token.description }
  tokenUses.note(token)
  const { id: tokenId, accountId, accountName, kind, cacheId, expiresAt } = token
  return { outcome: 'known', identity: { accountId, accountName, kind, cacheId, tokenId, expiresAt } }
}

function isExpired(token: Token): boolean {
  return token.expiresAt !== undefined && token.expiresAt <= Date.now()
}
