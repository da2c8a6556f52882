// Key files: `name:base64`. A public key is 32 bytes, a secret key its 32-byte seed and then its 32-byte public half.

import { decodeBase64, encodeBase64 } from './base64.ts'
import { publicKeyFromSeed } from './ed25519.ts'
import { FormatError } from './format-error.ts'

export interface PublicKey {
  readonly name: string
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

export interface SecretKey {
  readonly name: string
  /** 32 bytes. */
  readonly seed: Uint8Array
  /** 32 bytes; `checkSecretKey` tells whether they belong to the seed. */
  readonly publicKey: Uint8Array
}

/** Blanks around the text are fine: key files often end in a newline. */
export function parsePublicKey(text: string): PublicKey {
  const { name, bytes } = parseKey(text.trim())
  if (bytes?.length !== 32)
    throw new FormatError('key', 'A public key is written "name:" and 44 characters of base64.')
  return { name, bytes }
}

export function renderPublicKey(key: PublicKey): string {
  return `${key.name}:${encodeBase64(key.bytes)}`
}

/** Takes Nix's `name:base64`, and Cachix's base64 alone, which then gets `fallbackName`. */
export function parseSecretKey(text: string, fallbackName: string): SecretKey {
  const trimmed = text.trim()
  const { name, bytes } = parseKey(trimmed.includes(':') ? trimmed : `${fallbackName}:${trimmed}`)
  if (bytes?.length !== 64) {
    throw new FormatError(
      'key',
      'A secret key is 88 characters of base64, with or without "name:" before them.',
    )
  }
  return { name, seed: bytes.slice(0, 32), publicKey: bytes.slice(32) }
}

export function renderSecretKey(key: SecretKey): string {
  return `${key.name}:${encodeBase64(Uint8Array.of(...key.seed, ...key.publicKey))}`
}

export function publicKeyOf(key: SecretKey): PublicKey {
  return { name: key.name, bytes: key.publicKey }
}

/** Makes a key of 32 random bytes. */
export async function secretKeyFromSeed(name: string, seed: Uint8Array): Promise<SecretKey> {
  return { name, seed, publicKey: await publicKeyFromSeed(seed) }
}

/** Whether the public half belongs to the seed; with any other, no signature would ever verify. */
export async function checkSecretKey(key: SecretKey): Promise<boolean> {
  return encodeBase64(await publicKeyFromSeed(key.seed)) === encodeBase64(key.publicKey)
}

/** No blank may be in a key's name: Nix keeps signatures in lists separated by blanks. */
function parseKey(text: string): { name: string; bytes: Uint8Array | undefined } {
  const [, name, base64] = /^([^:\s]+):(\S+)$/.exec(text) ?? []
  if (name === undefined || base64 === undefined)
    throw new FormatError('key', 'A key is written "name:base64".')
  return { name, bytes: decodeBase64(base64) }
}
