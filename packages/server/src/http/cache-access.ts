import { cacheNameRule } from '@cachix/api'
import { CacheError } from '../cache-error.ts'
import type { Cache } from '../database/cache-database.ts'
import type { AuthenticateDeps } from '../services/authenticate.ts'
import { authorize, permits } from '../services/authorize.ts'
import type { Permission } from '../services/authorize.ts'
import { asCacheName } from './service-address.ts'
import { identifyVisitor } from './visitor.ts'
import type { Visitor } from './visitor.ts'

/** A cache, and what the visitor may do with it. */
export interface CacheAccess {
  readonly cache: Cache
  readonly permission: Permission
  readonly visitor: Visitor
}

/**
 * The cache of a request, if its sender may do what it needs. Whoever may not even read it is told exactly what is told
 * about a cache that does not exist. Throws `not-authorized` and `not-found`.
 */
export async function accessCache(
  deps: AuthenticateDeps,
  request: Request,
  { name, needed }: { name: string; needed: Permission },
): Promise<CacheAccess> {
  if (asCacheName(name) === undefined) throw new CacheError('invalid-name', cacheNameRule)
  const visitor = await identifyVisitor(deps, request)
  const cache = await deps.database.caches.find(name)
  const permission = cache && authorize(visitor.identity, cache)
  if (cache === undefined || permission === undefined) throw hidden(name, visitor)
  if (!permits(permission, needed)) throw insufficient(name, visitor)
  return { cache, permission, visitor }
}

/** Depends on nothing but the visitor and the name. */
function hidden(name: string, { identity, problem }: Visitor): CacheError {
  if (problem !== undefined) return new CacheError('not-authorized', problem)
  if (identity?.kind === 'personal') {
    return new CacheError(
      'not-found',
      `Binary cache ${name} doesn't exist, or is not yours. Check the name for typos.`,
    )
  }
  return new CacheError(
    'not-authorized',
    `Binary cache ${name} doesn't exist or you're not authorized to read it. Check the name for typos, or provide an auth token that may read it.`,
  )
}

function insufficient(name: string, { identity, problem }: Visitor): CacheError {
  const reason =
    identity === undefined ? 'An auth token is needed for that.' : 'This auth token does not allow that.'
  return new CacheError(
    'not-authorized',
    problem ?? `You may read binary cache ${name}, but not change it. ${reason}`,
  )
}
