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

/** Gives the base64 of a signature, without the key's name; undefined leaves it to the service. */
export type Signer = (info: PathInfo) => Promise<string | undefined>

/** Checks, before anything is sent, that what this key signs will be accepted. Throws CliError when it will not. */
export function chooseSigner(cache: BinaryCache, key: SecretKey | undefined): Signer {
  if (cache.publicSigningKeys.length === 0) throw withoutKey(cache)
  // Only the service knows whether it holds the key: it refuses to publish if it does not.
  if (key === undefined) return async () => undefined
  if (!cache.publicSigningKeys.some((text) => isPublicHalf(text, key))) throw otherKey(cache, key)
  return async (info) => withoutName(await sign(key, fingerprint(info)))
}

function isPublicHalf(text: string, key: SecretKey): boolean {
  return Buffer.compare(parsePublicKey(text).bytes, key.publicKey) === 0
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
