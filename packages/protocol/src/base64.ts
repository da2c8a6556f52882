import { latin1Bytes } from './latin1.ts'
import { atob, btoa } from './platform.ts'

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let latin1 = ''
  for (const byte of bytes) latin1 += String.fromCharCode(byte)
  return btoa(latin1)
}

/** Takes only the spelling `encodeBase64` gives: no blanks, no missing padding, no stray bits. Else `undefined`. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const latin1 = atob(text)
    return btoa(latin1) === text ? latin1Bytes(latin1) : undefined
  } catch {
    return undefined
  }
}
