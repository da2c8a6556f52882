import type { Cache } from '../database/cache-database.ts'
import type { Identity } from './authenticate.ts'

/** Each includes those before it. */
const permissions = ['Read', 'Write', 'Admin'] as const
export type Permission = (typeof permissions)[number]

/** What the bearer of this identity (undefined: anybody) may do with the cache; undefined if not even read. */
export function authorize(
  identity: Identity | undefined,
  cache: Pick<Cache, 'id' | 'accountId' | 'isPublic'>,
): Permission | undefined {
  return permissionOfToken(identity, cache) ?? (cache.isPublic ? 'Read' : undefined)
}

/** Whether a permission is enough for what needs `needed`. */
export function permits(permission: Permission | undefined, needed: Permission): boolean {
  return permission !== undefined && permissions.indexOf(permission) >= permissions.indexOf(needed)
}

function permissionOfToken(
  identity: Identity | undefined,
  cache: Pick<Cache, 'id' | 'accountId'>,
): Permission | undefined {
  if (identity === undefined || identity.accountId !== cache.accountId) return undefined
  if (identity.kind === 'personal') return 'Admin'
  return identity.cacheId === cache.id ? permissionOfKind[identity.kind] : undefined
}

const permissionOfKind = { 'cache-read': 'Read', 'cache-write': 'Write', 'cache-admin': 'Admin' } as const
