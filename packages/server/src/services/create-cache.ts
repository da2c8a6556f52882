import type { CreateCache } from '@cachix/api'
import { defaultStoreDir } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { NewSigningKey } from '../database/signing-key-table.ts'
import { checkCacheName } from './cache-name.ts'
import type { Seal } from './seal.ts'
import { clientKey, managedKey, signingKeyName } from './signing-key.ts'

export interface CreateCacheDeps {
  readonly database: CacheDatabase
  readonly seal: Seal
  /** Of the service, without a port: part of the names of keys. */
  readonly hostname: string
}

export interface NewCacheRequest extends CreateCache {
  readonly accountId: number
  readonly name: string
}

/** Asked after cache.nixos.org, whose priority is 40. */
const priority = 41

/** Nearly all of Nix is there, and nearly everybody uses it. */
const nixosCache = {
  url: 'https://cache.nixos.org',
  publicKeys: ['cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY='],
}

/**
 * Creates a cache with the key given, with a new one that the service keeps, or with none: then `addSigningKey` must
 * follow before anything can be published. Throws `invalid-name`, `name-taken` and `bad-request`.
 */
export async function createCache(deps: CreateCacheDeps, request: NewCacheRequest): Promise<Cache> {
  const { accountId, name, isPublic } = request
  checkCacheName(name)
  const key = await keyOf(deps, request)
  const upstreams = [nixosCache]
  return deps.database.caches.create({
    name,
    accountId,
    isPublic,
    storeDir: defaultStoreDir,
    priority,
    key,
    upstreams,
  })
}

async function keyOf(deps: CreateCacheDeps, request: NewCacheRequest): Promise<NewSigningKey | undefined> {
  const { generateSigningKey, publicSigningKey } = request
  if (generateSigningKey && publicSigningKey !== undefined) {
    throw new CacheError(
      'bad-request',
      'Either send a public signing key or let the service make one, not both.',
    )
  }
  const keyName = signingKeyName(request.name, deps.hostname)
  if (generateSigningKey) return managedKey(keyName, deps.seal)
  return publicSigningKey === undefined ? undefined : clientKey(keyName, publicSigningKey)
}
