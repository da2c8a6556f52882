import { hash } from 'node:crypto'

import type { CacheDatabase, Token, TokenKind } from '../database/cache-database.ts'

/** On whose behalf a request is made, and how far that goes. */
export interface Identity {
  readonly accountId: number
  readonly accountName: string
  readonly kind: TokenKind
  /** The one cache the token is for; undefined for `personal`. */
  readonly cacheId: number | undefined
}

export type Authentication =
  | { readonly outcome: 'anonymous' }
  | { readonly outcome: 'known'; readonly identity: Identity }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'expired'; readonly description: string }

/** Whose token this is. No token, or an empty one, is `anonymous`. */
export async function authenticate(
  { database }: { readonly database: CacheDatabase },
  tokenText: string | undefined,
): Promise<Authentication> {
  if (!tokenText) return { outcome: 'anonymous' }
  const token = await database.tokens.findByHash(hashToken(tokenText))
  if (token === undefined) return { outcome: 'unknown' }
  if (isExpired(token)) return { outcome: 'expired', description: token.description }
  const { accountId, accountName, kind, cacheId } = token
  return { outcome: 'known', identity: { accountId, accountName, kind, cacheId } }
}

/** What is stored of a token's text. The text is random: it needs no salt and no slow hash. */
export function hashToken(tokenText: string): string {
  return hash('sha256', tokenText, 'hex')
}

function isExpired(token: Token): boolean {
  return token.expiresAt !== undefined && token.expiresAt <= Date.now()
}
