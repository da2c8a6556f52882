import { CacheError } from '../cache-error.ts'
import type { TokenScope } from '../database/token-table.ts'
import type { Identity } from '../services/authenticate.ts'

/** The tokens that the bearer of this identity may manage. Throws `not-authorized` where there are none. */
export function managedTokens({ kind, accountId, cacheId }: Identity): TokenScope {
  if (kind === 'personal') return { accountId }
  if (kind === 'cache-admin') return { accountId, cacheId }
  throw new CacheError('not-authorized', 'This auth token does not allow managing tokens.')
}
