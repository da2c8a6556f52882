import { randomBytes } from 'node:crypto'

import type { CacheDatabase } from '../database/cache-database.ts'
import { hashToken } from './authenticate.ts'

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
  const tokenText = `cxp_${randomBytes(32).toString('base64url')}`
  const account = await database.accounts.create('owner')
  await database.tokens.create({
    accountId: account.id,
    hash: hashToken(tokenText),
    kind: 'personal',
    description: 'made at the first start',
  })
  return tokenText
}
