import { CacheError } from '../cache-error.ts'
import type { CacheDatabase } from '../database/cache-database.ts'
import { hashToken, newTokenText } from './token-text.ts'

/**
 * On the first start with an empty database: makes the account `owner` and returns the text of its token, which is
 * nowhere else. Undefined when there is an account already.
 */
export async function initializeOwner({
  database,
}: {
  readonly database: CacheDatabase
}): Promise<string | undefined> {
  if ((await database.accounts.count()) > 0) return undefined
  const tokenText = newTokenText('personal')
  const firstToken = { hash: hashToken(tokenText), description: 'made at the first start' }
  try {
    await database.accounts.create('owner', firstToken)
    return tokenText
  } catch (error) {
    // Another process that started at the same moment has made it, and tells the token.
    if (error instanceof CacheError && error.code === 'name-taken') return undefined
    throw error
  }
}
