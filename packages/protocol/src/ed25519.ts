// Ed25519 (RFC 8032) on raw keys. WebCrypto takes a secret key only as PKCS #8: a fixed header (RFC 8410), then the seed.

import { decodeBase64 } from './base64.ts'
import { FormatError } from './format-error.ts'
import { crypto } from './platform.ts'

const { subtle } = crypto
const pkcs8Header = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]

/** The 32 bytes of the public half of a key. */
export async function publicKeyFromSeed(seed: Uint8Array): Promise<Uint8Array> {
  const { x = '' } = await subtle.exportKey('jwk', await importSeed(seed, true))
  const bytes = decodeBase64(`${x.replaceAll('-', '+').replaceAll('_', '/')}=`)
  if (bytes === undefined) throw new FormatError('key', 'This runtime did not tell the public half of a key.')
  return bytes
}

/** The 64 bytes of a signature. */
export async function signBytes(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const key = signingKeys.get(seed) ?? importSeed(seed, false)
  signingKeys.set(seed, key)
  return new Uint8Array(await subtle.sign('Ed25519', await key, message))
}

/** By seed: importing one takes longer than signing with it. */
const signingKeys = new WeakMap<Uint8Array, Promise<object>>()

export interface SignedBytes {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export async function verifyBytes(signed: SignedBytes): Promise<boolean> {
  const { publicKey } = signed
  const key = verifyingKeys.get(publicKey) ?? subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  verifyingKeys.set(publicKey, key)
  return subtle.verify('Ed25519', await key, signed.signature, signed.message)
}

/** By public key, as above. */
const verifyingKeys = new WeakMap<Uint8Array, Promise<object>>()

function importSeed(seed: Uint8Array, extractable: boolean): Promise<object> {
  return subtle.importKey('pkcs8', Uint8Array.of(...pkcs8Header, ...seed), 'Ed25519', extractable, ['sign'])
}
