import { hash, randomBytes } from 'node:crypto'
import type { TokenKind } from '../database/token-table.ts'

/** A new token: 256 random bits, and a beginning that tells people and secret scanners what they have found. */
export function newTokenText(kind: TokenKind): string {
  return `${prefixOf[kind]}_${randomBytes(32).toString('base64url')}`
}

/** What is stored of a token's text. The text is random: it needs no salt and no slow hash. */
export function hashToken(tokenText: string): string {
  return hash('sha256', tokenText, 'hex')
}

const prefixOf = {
  personal: 'cxp',
  'cache-read': 'cxr',
  'cache-write': 'cxw',
  'cache-admin': 'cxa',
} as const satisfies Record<TokenKind, string>
