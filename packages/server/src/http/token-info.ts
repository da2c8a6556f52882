import type { TokenInfo } from '@cachix/api'
import type { Token } from '../database/token-table.ts'
import { permissionOf } from '../services/authorize.ts'

/** A token as the API tells of it. */
export function tokenInfo(token: Token): TokenInfo {
  return {
    id: token.id,
    description: token.description,
    cache: token.cacheName ?? null,
    permission: permissionOf(token.kind) ?? null,
    createdAt: isoTime(token.createdAt),
    expiresAt: token.expiresAt === undefined ? null : isoTime(token.expiresAt),
    lastUsedAt: token.lastUsedAt === undefined ? null : isoTime(token.lastUsedAt),
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
