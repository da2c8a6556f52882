import type { CacheDatabase } from '../../database/cache-database.ts'

const day = 24 * 3_600_000
/** So long people who use an expired token are told its name. */
const madeKeptFor = 30 * day
const exchangedKeptFor = day

/** Forgets tokens that have been expired for a while. Gives how many. */
export async function dropExpiredTokens({ database }: { readonly database: CacheDatabase }): Promise<number> {
  const now = Date.now()
  await database.oidcRules.dropExpired(now)
  return database.tokens.dropExpired({ made: now - madeKeptFor, exchanged: now - exchangedKeptFor })
}
