import type { RetireKey } from '@cachix/api'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { isActive } from './signing-key.ts'

/**
 * Retires a key of a cache: signatures it has made stay, no new ones are accepted, and readers are no longer told of it.
 * A key that was retired before stays so. Throws `not-found`; `conflict` for the last active key, and unless forced if
 * there are paths that readers would then refuse.
 */
export async function retireKey(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
  { name, force = false }: RetireKey,
): Promise<void> {
  const keys = await database.keys.list(cache.id)
  if (!keys.some((key) => key.name === name)) {
    throw new CacheError('not-found', `Cache ${cache.name} has no key named ${name}.`)
  }
  const others = keys.filter((key) => isActive(key) && key.name !== name).map((key) => key.name)
  if (!force && others.length > 0) await requireOtherSignatures(database, cache, others)
  await database.keys.retire(cache.id, name)
}

async function requireOtherSignatures(
  { signatures }: CacheDatabase,
  cache: Cache,
  keyNames: readonly string[],
): Promise<void> {
  const count = await signatures.countWithout(cache.id, keyNames)
  if (count === 0) return
  const message =
    `${count} paths of cache ${cache.name} have no signature by another active key, and who trusts only those would ` +
    `refuse them. Sign them first with \`cachix key sign ${cache.name}\`, or retire the key all the same with --force.`
  throw new CacheError('conflict', message)
}
