// The only things this package takes from its surroundings: pure functions that Node, Bun and browsers all have.
// They are described here, not declared as globals, because the types of a runtime would clash with a declaration.

export const { atob, btoa, crypto, TextDecoder, TextEncoder } = globalThis as unknown as Platform

interface Platform {
  readonly atob: (base64: string) => string
  readonly btoa: (latin1: string) => string
  readonly crypto: { readonly subtle: SubtleCrypto }
  readonly TextDecoder: new (
    encoding: 'utf-8',
    options: { ignoreBOM: boolean },
  ) => { decode: (bytes: Uint8Array) => string }
  readonly TextEncoder: new () => { encode: (text: string) => Uint8Array }
}

interface SubtleCrypto {
  digest(algorithm: 'SHA-256', message: Uint8Array): Promise<ArrayBuffer>
  importKey(...key: [...KeySource, algorithm: 'Ed25519', extractable: boolean, usages: Usage[]]): Promise<Key>
  exportKey(format: 'jwk', key: Key): Promise<{ readonly x?: string }>
  sign(algorithm: 'Ed25519', key: Key, message: Uint8Array): Promise<ArrayBuffer>
  verify(...args: ['Ed25519', key: Key, signature: Uint8Array, message: Uint8Array]): Promise<boolean>
}

type KeySource = [format: 'raw' | 'pkcs8', bytes: Uint8Array]
type Usage = 'sign' | 'verify'
type Key = object
