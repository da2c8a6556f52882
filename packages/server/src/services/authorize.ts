import type { Cache, ChunkReader } from '../database/cache-database.ts'
import type { TokenKind } from '../database/token-table.ts'
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

/** On whose chunks a push to the cache may build: also on those of other caches if the token is for all of the account. */
export function chunkReaderOf(identity: Identity, cache: Pick<Cache, 'id'>): ChunkReader {
  return {
    cacheId: cache.id,
    accountId: identity.kind === 'personal' ? identity.accountId : undefined,
  }
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

/** What a token of this kind may do with the one cache it is for; undefined for `personal`. */
export function permissionOf(kind: TokenKind): Permission | undefined {
  return kind === 'personal' ? undefined : permissionOfKind[kind]
}

/** The kind of the tokens that give a permission for one cache. */
export function kindGiving(permission: Permission): TokenKind {
  return kindOfPermission[permission]
}

const kindOfPermission = { Read: 'cache-read', Write: 'cache-write', Admin: 'cache-admin' } as const
