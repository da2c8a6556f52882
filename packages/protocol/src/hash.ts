import { decodeBase64 } from './base64.ts'
import { FormatError } from './format-error.ts'
import { decodeHex, encodeHex } from './hex.ts'
import { decodeNix32, encodeNix32 } from './nix32.ts'

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512'

export interface Hash {
  readonly algorithm: HashAlgorithm
  readonly bytes: Uint8Array
}

/** `sha256:` and 52 characters of nix32: how this project spells every SHA-256 that Nix sees. */
export type Sha256Text = string

const byteCounts = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const satisfies Record<
  HashAlgorithm,
  number
>

/** Takes every spelling Nix takes: `algorithm:` before hex, nix32 or base64, told apart by length, and SRI `algorithm-base64`. */
export function parseHash(text: string): Hash {
  const [, algorithm, separator, digits] = /^(md5|sha1|sha256|sha512)([:-])(.+)$/.exec(text) ?? []
  if (!isAlgorithm(algorithm) || digits === undefined) throw invalid(text)
  const notation = separator === '-' ? 'base64' : notationOf(digits, byteCounts[algorithm])
  const bytes = decoders[notation](digits)
  if (bytes?.length !== byteCounts[algorithm]) throw invalid(text)
  return { algorithm, bytes }
}

/** `algorithm:` and nix32, as Nix writes hashes into narinfos. */
export function renderHash(hash: Hash): string {
  return `${hash.algorithm}:${encodeNix32(hash.bytes)}`
}

/** Any spelling of a SHA-256 as `Sha256Text`; throws `FormatError` for other algorithms. */
export function canonicalSha256(text: string): Sha256Text {
  return renderHash(parseSha256(text))
}

/** From 64 digits without a prefix. */
export function sha256FromHex(hex: string): Sha256Text {
  return canonicalSha256(`sha256:${isSha256Hex(hex) ? hex : ''}`)
}

/** 64 lower-case digits without a prefix. */
export function sha256ToHex(text: Sha256Text): string {
  return encodeHex(parseSha256(text).bytes)
}

/** Whether this is 64 lower-case digits: how packs are named. */
export function isSha256Hex(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

const decoders = { hex: decodeHex, nix32: decodeNix32OrNot, base64: decodeBase64 }

function isAlgorithm(text: string | undefined): text is HashAlgorithm {
  return text !== undefined && Object.hasOwn(byteCounts, text)
}

function notationOf(digits: string, byteCount: number): keyof typeof decoders {
  if (digits.length === byteCount * 2) return 'hex'
  return digits.length === Math.ceil((byteCount * 8) / 5) ? 'nix32' : 'base64'
}

function decodeNix32OrNot(text: string): Uint8Array | undefined {
  try {
    return decodeNix32(text)
  } catch {
    return undefined
  }
}

function parseSha256(text: string): Hash {
  const hash = parseHash(text)
  if (hash.algorithm !== 'sha256')
    throw new FormatError('hash', `"${text.slice(0, 160)}" is not a SHA-256 hash.`)
  return hash
}

function invalid(text: string): FormatError {
  return new FormatError('hash', `"${text.slice(0, 160)}" is not a hash as Nix writes them.`)
}
