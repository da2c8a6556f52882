import { decodeBase64, encodeBase64 } from './base64.ts'
import { signBytes, verifyBytes } from './ed25519.ts'
import { FormatError } from './format-error.ts'
import type { PublicKey, SecretKey } from './keys.ts'
import { TextEncoder } from './platform.ts'

/** Written `key name:base64`, one per `Sig` line of a narinfo. */
export interface Signature {
  readonly keyName: string
  /** 64 bytes. */
  readonly bytes: Uint8Array
}

export function parseSignature(text: string): Signature {
  const signature = readSignature(text)
  if (signature === undefined) {
    throw new FormatError('signature', 'A signature is written "key name:" and 88 characters of base64.')
  }
  return signature
}

export function renderSignature(signature: Signature): string {
  return `${signature.keyName}:${encodeBase64(signature.bytes)}`
}

/** Newer clients refuse a whole narinfo for one `Sig` that is not of this form. */
export function isSignature(text: string): boolean {
  return readSignature(text) !== undefined
}

/** Signs what `fingerprint` gives. Ed25519 is deterministic: the same key and text give the same signature. */
export async function sign(secret: SecretKey, fingerprint: string): Promise<string> {
  const bytes = await signBytes(secret.seed, new TextEncoder().encode(fingerprint))
  return renderSignature({ keyName: secret.name, bytes })
}

/** Whether this key made this signature; false also for text that is no signature or names another key. */
export async function verify(key: PublicKey, fingerprint: string, signatureText: string): Promise<boolean> {
  const signature = readSignature(signatureText)
  if (signature?.keyName !== key.name) return false
  const message = new TextEncoder().encode(fingerprint)
  return verifyBytes({ publicKey: key.bytes, message, signature: signature.bytes })
}

function readSignature(text: string): Signature | undefined {
  const [, keyName, base64] = /^([^:\s]+):([A-Za-z0-9+/]{86}==)$/.exec(text) ?? []
  if (keyName === undefined || base64 === undefined) return undefined
  const bytes = decodeBase64(base64)
  return bytes && { keyName, bytes }
}
