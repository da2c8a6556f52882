import type { BinaryCache } from '@cachix/api'
import {
  fingerprint,
  parsePublicKey,
  publicKeyOf,
  renderPublicKey,
  sign,
  type SecretKey,
} from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { PathInfo } from '../nix/store-reader.ts'

/** What goes along with a path for the service to choose from. */
export interface OfferedSignatures {
  /** Base64, without the key's name; undefined leaves it to the service. */
  readonly sig: string | undefined
  /** `key name:base64`. */
  readonly signatures: readonly string[]
}

export type Signer = (info: PathInfo) => Promise<OfferedSignatures>

/**
 * Signs with every key at hand that is an active one of the cache, so that while keys change, old and new readers accept
 * what is pushed. Signatures that the path has already, by keys the cache knows, go along. Checks, before anything is
 * sent, that what is signed will be accepted: throws CliError when it will not.
 */
export function chooseSigner(cache: BinaryCache, keys: readonly SecretKey[]): Signer {
  if (cache.publicSigningKeys.length === 0) throw withoutKey(cache)
  const active = keys.flatMap((key) => activeKey(cache, key) ?? [])
  const [newest] = keys
  // Only the service knows whether it holds a key: it refuses to publish if it does not.
  if (newest !== undefined && active.length === 0) throw otherKey(cache, newest)
  const upstreamKeys = (cache.upstreams ?? []).flatMap(({ publicKeys }) => publicKeys)
  const knownNames = new Set([...cache.publicSigningKeys, ...upstreamKeys].map(nameOf))
  return async (info) => {
    const made = await Promise.all(active.map((key) => sign(key, fingerprint(info))))
    const kept = info.signatures.filter((each) => knownNames.has(nameOf(each)))
    const [first, ...others] = made
    return { sig: first && withoutName(first), signatures: [...new Set([...others, ...kept])] }
  }
}

/** The key under the name that the cache has for it, if it is an active one. */
function activeKey(cache: BinaryCache, key: SecretKey): SecretKey | undefined {
  const text = cache.publicSigningKeys.find((each) => isPublicHalf(each, key))
  return text === undefined ? undefined : { ...key, name: nameOf(text) }
}

function isPublicHalf(text: string, key: SecretKey): boolean {
  return Buffer.compare(parsePublicKey(text).bytes, key.publicKey) === 0
}

/** Of a key or a signature. */
function nameOf(text: string): string {
  return text.slice(0, text.indexOf(':'))
}

function withoutName(signature: string): string {
  return signature.slice(signature.indexOf(':') + 1)
}

function withoutKey({ name }: BinaryCache): CliError {
  return new CliError(
    'credentials',
    `Cache ${name} has no signing key yet. Give it one with \`cachix generate-keypair ${name}\`, then push again.`,
  )
}

function otherKey(cache: BinaryCache, key: SecretKey): CliError {
  return new CliError(
    'credentials',
    `The signing key at hand is not one of cache ${cache.name}: its public half is ${renderPublicKey(publicKeyOf(key))}, ` +
      `but the cache has ${cache.publicSigningKeys.join(', ')}. ` +
      'Set CACHIX_SIGNING_KEY to the key the cache was created with (unset it to use the one that was saved). Nothing was uploaded.',
  )
}
