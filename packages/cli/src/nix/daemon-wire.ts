/** How the Nix daemon writes values: 64-bit little-endian integers, and strings padded with zeros to eight bytes. */

/** Decodes a value in steps: each yields how many bytes it needs next and gets exactly those. */
export type Reading<T> = Generator<number, T, Uint8Array>

/** More than any answer holds: what claims to be longer is not this protocol. */
const maxStringBytes = 256 * 1024 * 1024

export function* readInt(): Reading<number> {
  const bytes = yield 8
  const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (value > Number.MAX_SAFE_INTEGER) throw new Error(`The Nix daemon sent the number ${value}.`)
  return Number(value)
}

export function* readString(): Reading<string> {
  const length = yield* readInt()
  if (length > maxStringBytes) throw new Error(`The Nix daemon announced a string of ${length} bytes.`)
  const bytes = yield length + paddingOf(length)
  return decoder.decode(bytes.subarray(0, length))
}

export function* readStrings(): Reading<string[]> {
  const strings: string[] = []
  for (let left = yield* readInt(); left > 0; left--) strings.push(yield* readString())
  return strings
}

export function encodeInt(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

export function encodeString(text: string): Uint8Array {
  const content = encoder.encode(text)
  const bytes = new Uint8Array(8 + content.length + paddingOf(content.length))
  bytes.set(encodeInt(content.length))
  bytes.set(content, 8)
  return bytes
}

export function encodeStrings(texts: readonly string[]): Uint8Array[] {
  return [encodeInt(texts.length), ...texts.map(encodeString)]
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function paddingOf(length: number): number {
  return -length & 7
}
