import type { CacheDatabase } from '../database/cache-database.ts'
import type { Token, TokenKind } from '../database/token-table.ts'
import type { Identity } from './authenticate.ts'
import { hashToken, newTokenText } from './token-text.ts'

export interface NewTokenRequest {
  /** On whose behalf it is made, and who may do all that the new one may. */
  readonly creator: Identity
  readonly kind: TokenKind
  readonly cacheId?: number | undefined
  readonly description: string
  /** Milliseconds; undefined: it does not expire. */
  readonly lifetimeMs?: number | undefined
}

/** Makes a token, whose text is nowhere else. It never outlives the token that made it. */
export async function createToken(
  { database }: { readonly database: CacheDatabase },
  { creator, kind, cacheId, description, lifetimeMs }: NewTokenRequest,
): Promise<{ readonly token: Token; readonly text: string }> {
  const text = newTokenText(kind)
  const token = await database.tokens.create({
    accountId: creator.accountId,
    hash: hashToken(text),
    kind,
    cacheId,
    description,
    expiresAt: earlier(lifetimeMs === undefined ? undefined : Date.now() + lifetimeMs, creator.expiresAt),
  })
  return { token, text }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}
