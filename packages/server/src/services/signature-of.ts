import { sign, verify } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase, SigningKey } from '../database/cache-database.ts'
import type { Seal } from './seal.ts'
import { publicHalf, secretHalf } from './signing-key.ts'

export interface SignatureOfDeps {
  readonly database: CacheDatabase
  readonly seal: Seal
}

export interface SignedText {
  readonly fingerprint: string
  /** Base64 of the client's signature; undefined: the service is to sign. */
  readonly offered: string | undefined
}

/** The signature, `key name:base64`, to publish a path of the cache with. Throws `bad-signature`. */
export async function signatureOf(deps: SignatureOfDeps, cache: Cache, text: SignedText): Promise<string> {
  const keys = await deps.database.caches.keys(cache.id)
  if (keys.length === 0) {
    const message = `Cache ${cache.name} has no signing key yet: run \`cachix generate-keypair ${cache.name}\` first.`
    throw new CacheError('bad-signature', message)
  }
  const { fingerprint, offered } = text
  const signature =
    offered === undefined
      ? await signWith(keys, deps.seal, fingerprint)
      : await matching(keys, fingerprint, offered)
  if (signature !== undefined) return signature
  throw new CacheError('bad-signature', offered === undefined ? unsigned(cache) : unverified(keys))
}

async function signWith(
  keys: readonly SigningKey[],
  seal: Seal,
  fingerprint: string,
): Promise<string | undefined> {
  for (const key of keys) {
    const secret = secretHalf(key, seal)
    if (secret !== undefined) return sign(secret, fingerprint)
  }
  return undefined
}

/** Clients send no key name: it is the one of whichever key verifies. */
async function matching(
  keys: readonly SigningKey[],
  fingerprint: string,
  offered: string,
): Promise<string | undefined> {
  for (const key of keys) {
    const signature = `${key.name}:${offered}`
    if (await verify(publicHalf(key), fingerprint, signature)) return signature
  }
  return undefined
}

function unsigned(cache: Cache): string {
  return (
    `Cache ${cache.name} is self-signed: its secret key is kept by its owner, so the client must sign. ` +
    `Set CACHIX_SIGNING_KEY to that key and push again.`
  )
}

function unverified(keys: readonly SigningKey[]): string {
  const names = keys.map((key) => `${key.name}:${key.publicKey}`).join(', ')
  return `The signature was not made with the signing key of this cache (${names}). Is CACHIX_SIGNING_KEY the right one?`
}
