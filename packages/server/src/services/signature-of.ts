import { isSignature, parsePublicKey, parseSignature, renderPublicKey, sign, verify } from '@cachix/protocol'
import type { PublicKey, SecretKey } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { Seal } from './seal.ts'
import { isActive, publicHalf, secretHalf } from './signing-key.ts'

/** The keys whose signatures a path of a cache may have: the same for all that is published at once. */
export interface CacheKeys {
  readonly cache: Cache
  readonly active: readonly PublicKey[]
  /** Of the active ones, those that the service keeps. */
  readonly secrets: readonly SecretKey[]
  readonly upstream: readonly PublicKey[]
}

export interface KeyDeps {
  readonly database: CacheDatabase
  readonly seal: Seal
}

/** Throws `damaged` if a key that the service keeps was sealed with another service key. */
export async function readCacheKeys({ database, seal }: KeyDeps, cache: Cache): Promise<CacheKeys> {
  const [keys, upstreams] = await Promise.all([
    database.keys.list(cache.id),
    database.upstreams.list(cache.id),
  ])
  const active = keys.filter(isActive)
  return {
    cache,
    active: active.map(publicHalf),
    secrets: active.flatMap((key) => secretHalf(key, seal) ?? []),
    upstream: upstreams.flatMap(({ publicKeys }) => publicKeys.map(parsePublicKey)),
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
  { cache, active, secrets, upstream }: CacheKeys,
  text: SignedText,
): Promise<string[]> {
  if (active.length === 0) {
    const message = `Cache ${cache.name} has no signing key yet: run \`cachix generate-keypair ${cache.name}\` first.`
    throw new CacheError('bad-signature', message)
  }
  const { fingerprint, offered, others } = text
  const signatures = new Set(offered === undefined ? [] : [await matching(active, fingerprint, offered)])
  for (const each of await verified(active, text)) signatures.add(each)
  for (const secret of secrets) signatures.add(await sign(secret, fingerprint))
  if (signatures.size === 0 && !text.isContentAddressed)
    throw new CacheError('bad-signature', unsigned(cache))
  if (others.some((each) => !signatures.has(each))) {
    for (const each of await verified(upstream, text)) signatures.add(each)
  }
  return [...signatures]
}

/** Those of the signatures that one of these keys has made. */
export async function verified(
  publicKeys: readonly PublicKey[],
  { fingerprint, others }: Pick<SignedText, 'fingerprint' | 'others'>,
): Promise<string[]> {
  const found: string[] = []
  for (const signature of others.filter(isSignature)) {
    const { keyName } = parseSignature(signature)
    for (const key of publicKeys.filter(({ name }) => name === keyName)) {
      if (await verify(key, fingerprint, signature)) found.push(signature)
    }
  }
  return found
}

/** Clients send no key name: it is the one of whichever key verifies. */
async function matching(keys: readonly PublicKey[], fingerprint: string, offered: string): Promise<string> {
  for (const key of keys) {
    const signature = `${key.name}:${offered}`
    if (await verify(key, fingerprint, signature)) return signature
  }
  throw new CacheError('bad-signature', unverified(keys))
}

function unsigned(cache: Cache): string {
  return (
    `Cache ${cache.name} is self-signed: its secret key is kept by its owner, so the client must sign. ` +
    `Set CACHIX_SIGNING_KEY to that key and push again; for nix copy, add ?secret-key=FILE to the cache's URL.`
  )
}

function unverified(keys: readonly PublicKey[]): string {
  return (
    `The signature was not made with an active signing key of this cache (${keys.map(renderPublicKey).join(', ')}). ` +
    'Is CACHIX_SIGNING_KEY the right one?'
  )
}
