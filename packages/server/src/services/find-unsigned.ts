import { maxSignatures } from '@cachix/api'
import type { UnsignedPath, UnsignedQuery } from '@cachix/api'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { SigningKey } from '../database/signing-key-table.ts'
import { isActive } from './signing-key.ts'

/** Some paths without a signature by a key, for its holder to sign. Throws `not-found` unless it is an active key. */
export async function findUnsigned(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
  { key, after }: UnsignedQuery,
): Promise<UnsignedPath[]> {
  await findActiveKey(database, cache, key)
  const paths = await database.signatures.without(cache.id, [key], { after, limit: maxSignatures })
  return paths.map(({ storeHash, storeName, narHash, narSize, references, signatures }) => ({
    storePath: `${cache.storeDir}/${storeHash}-${storeName}`,
    narHash,
    narSize,
    references: [...references],
    signatures: [...signatures],
  }))
}

/** Throws `not-found`. */
export async function findActiveKey(
  { keys }: CacheDatabase,
  cache: Cache,
  name: string,
): Promise<SigningKey> {
  const key = (await keys.list(cache.id)).find((each) => each.name === name && isActive(each))
  if (key !== undefined) return key
  throw new CacheError('not-found', `Cache ${cache.name} has no active key named ${name}.`)
}
