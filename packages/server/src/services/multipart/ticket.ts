import { CacheError } from '../../cache-error.ts'
import type { Seal } from '../seal.ts'

/** A text for somebody to carry who can neither read nor change it. It is safe in URLs. */
export function sealTicket(seal: Seal, purpose: string, content: object): string {
  return Buffer.from(seal.encrypt(Buffer.from(JSON.stringify(content)), purpose)).toString('base64url')
}

/** What `sealTicket` was given; undefined for any other text. */
export function openTicket(seal: Seal, purpose: string, text: string): unknown {
  try {
    return JSON.parse(Buffer.from(seal.decrypt(Buffer.from(text, 'base64url'), purpose)).toString())
  } catch (error) {
    if (error instanceof CacheError) return undefined
    throw error
  }
}
