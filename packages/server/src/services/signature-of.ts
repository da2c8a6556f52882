import { parsePublicKey, parseSignature, isSignature, sign, verify } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { SigningKey } from '../database/signing-key-table.ts'
import type { Seal } from './seal.ts'
import { isActive, publicHalf, secretHalf } from './signing-key.ts'

/** The keys whose signatures a path of a cache may have: the same for all that is published at once. */
export interface CacheKeys {
  readonly cache: Cache
  readonly active: readonly SigningKey[]
  /** `key name:base64`. */
  readonly upstream: readonly string[]
}

/** Whose signatures count in a cache. */
export async function readCacheKeys(database: CacheDatabase, cache: Cache): Promise<CacheKeys> {
  const [keys, upstreams] = await Promise.all([
    database.keys.list(cache.id),
    database.upstreams.list(cache.id),
  ])
  return {
    cache,
    active: keys.filter(isActive),
    upstream: upstreams.flatMap(({ publicKeys }) => publicKeys),
  }
}

export interface SignedText {
  readonly fingerprint: string
  /** Base64 of a signature that the client made for this cache; undefined: it made none. */
  readonly offered: string | undefined
  /** `key name:base64`, by whomever: what a store had on record, or a narinfo says. */
  readonly others: readonly string[]
  /** It can do without signatures. */
  readonly isContentAddressed: boolean
}

/**
 * The signatures, `key name:base64`, to publish a path of the cache with: those that were sent and verify for an active
 * key of the cache or a key of one of its upstreams, and one by each active key that the service keeps. Others are
 * dropped. Throws `bad-signature` if none is by an active key of the cache and the path needs one, or if the one made for
 * this cache does not verify.
 */
export async function signaturesOf(
  seal: Seal,
  { cache, active, upstream }: CacheKeys,
  text: SignedText,
): Promise<string[]> {
  if (active.length === 0) {
    const message = `Cache ${cache.name} has no signing key yet: run \`cachix generate-keypair ${cache.name}\` first.`
    throw new CacheError('bad-signature', message)
  }
  const { fingerprint, offered, others } = text
  const signatures = new Set(offered === undefined ? [] : [await matching(active, fingerprint, offered)])
  for (const each of await verified(active.map(publicText), text)) signatures.add(each)
  for (const each of await signAll(active, seal, fingerprint)) signatures.add(each)
  if (signatures.size === 0 && !text.isContentAddressed)
    throw new CacheError('bad-signature', unsigned(cache))
  if (others.some((each) => !signatures.has(each))) {
    for (const each of await verified(upstream, text)) signatures.add(each)
  }
  return [...signatures]
}

/** Those of the signatures that one of these keys has made. */
export async function verified(
  publicKeys: readonly string[],
  { fingerprint, others }: Pick<SignedText, 'fingerprint' | 'others'>,
): Promise<string[]> {
  const found: string[] = []
  for (const signature of others.filter(isSignature)) {
    const { keyName } = parseSignature(signature)
    const candidates = publicKeys.filter((key) => key.startsWith(`${keyName}:`)).map(parsePublicKey)
    for (const key of candidates) {
      if (await verify(key, fingerprint, signature)) found.push(signature)
    }
  }
  return found
}

async function signAll(keys: readonly SigningKey[], seal: Seal, fingerprint: string): Promise<string[]> {
  const secrets = keys.flatMap((key) => secretHalf(key, seal) ?? [])
  return Promise.all(secrets.map((secret) => sign(secret, fingerprint)))
}

/** Clients send no key name: it is the one of whichever key verifies. */
async function matching(keys: readonly SigningKey[], fingerprint: string, offered: string): Promise<string> {
  for (const key of keys) {
    const signature = `${key.name}:${offered}`
    if (await verify(publicHalf(key), fingerprint, signature)) return signature
  }
  throw new CacheError('bad-signature', unverified(keys))
}

function unsigned(cache: Cache): string {
  return (
    `Cache ${cache.name} is self-signed: its secret key is kept by its owner, so the client must sign. ` +
    `Set CACHIX_SIGNING_KEY to that key and push again; for nix copy, add ?secret-key=FILE to the cache's URL.`
  )
}

function unverified(keys: readonly SigningKey[]): string {
  return (
    `The signature was not made with an active signing key of this cache (${keys.map(publicText).join(', ')}). ` +
    'Is CACHIX_SIGNING_KEY the right one?'
  )
}

function publicText({ name, publicKey }: SigningKey): string {
  return `${name}:${publicKey}`
}
