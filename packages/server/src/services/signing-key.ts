import { randomBytes } from 'node:crypto'

import {
  FormatError,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  renderPublicKey,
  renderSecretKey,
  secretKeyFromSeed,
} from '@cachix/protocol'
import type { PublicKey, SecretKey } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { NewSigningKey, SigningKey } from '../database/signing-key-table.ts'
import type { Seal } from './seal.ts'

/** What clients compute themselves instead of asking, for the first; `hostname` is the service's, without a port. */
export function signingKeyName(cacheName: string, hostname: string, number = 1): string {
  return `${cacheName}.${hostname}-${number}`
}

export function isActive({ retiredAt }: SigningKey): boolean {
  return retiredAt === undefined
}

/** A key whose secret half stays with the client. `publicKey` is base64 alone; throws `bad-request` if it is not. */
export function clientKey(name: string, publicKey: string): NewSigningKey {
  try {
    return { ...storedForm(parsePublicKey(`${name}:${publicKey}`)), sealedSecret: undefined }
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    const message = 'This is not a public signing key, which is the base64 of 32 bytes.'
    throw new CacheError('bad-request', message, { cause })
  }
}

/** A new key that the service keeps, sealed. */
export async function managedKey(name: string, seal: Seal): Promise<NewSigningKey> {
  const secret = await secretKeyFromSeed(name, randomBytes(32))
  return {
    ...storedForm(publicKeyOf(secret)),
    sealedSecret: seal.encrypt(Buffer.from(renderSecretKey(secret)), name),
  }
}

export function publicHalf(key: NewSigningKey): PublicKey {
  return parsePublicKey(`${key.name}:${key.publicKey}`)
}

/** The secret half of a key the service keeps; undefined where the client keeps it. */
export function secretHalf(key: NewSigningKey, seal: Seal): SecretKey | undefined {
  if (key.sealedSecret === undefined) return undefined
  return parseSecretKey(Buffer.from(seal.decrypt(key.sealedSecret, key.name)).toString(), key.name)
}

function storedForm(key: PublicKey): Pick<NewSigningKey, 'name' | 'publicKey'> {
  return { name: key.name, publicKey: renderPublicKey(key).slice(key.name.length + 1) }
}
