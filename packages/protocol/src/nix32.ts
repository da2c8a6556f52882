// Nix's base 32. Character k from the right holds bits 5k to 5k+4 of the little-endian number formed by the bytes.

import { FormatError } from './format-error.ts'

export const nix32Alphabet = '0123456789abcdfghijklmnpqrsvwxyz'

export function encodeNix32(bytes: Uint8Array): string {
  let text = ''
  for (let k = encodedLength(bytes.length) - 1; k >= 0; k--) {
    const low = (k * 5) >> 3
    const pair = (bytes[low] ?? 0) | ((bytes[low + 1] ?? 0) << 8)
    text += nix32Alphabet.charAt((pair >> ((k * 5) & 7)) & 31)
  }
  return text
}

/** Throws `FormatError` for other characters, for a length no bytes have, and for bits set beyond the last byte. */
export function decodeNix32(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length * 5) >> 3)
  if (encodedLength(bytes.length) !== text.length) throw invalid(text)
  for (let k = 0; k < text.length; k++) {
    const digit = nix32Alphabet.indexOf(text.charAt(text.length - 1 - k))
    if (digit === -1) throw invalid(text)
    const low = (k * 5) >> 3
    const pair = digit << ((k * 5) & 7)
    bytes[low] = (bytes[low] ?? 0) | pair
    if (low + 1 < bytes.length) bytes[low + 1] = pair >> 8
    else if (pair > 255) throw invalid(text)
  }
  return bytes
}

function encodedLength(byteCount: number): number {
  return Math.ceil((byteCount * 8) / 5)
}

function invalid(text: string): FormatError {
  return new FormatError('nix32', `"${text.slice(0, 128)}" is not nix32, Nix's base 32.`)
}
