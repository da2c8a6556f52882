import type { Bzip2Block } from './bzip2-block.ts'

const outputSize = 256 * 1024
/** After so many equal bytes comes how many more there are, 255 at the most. */
const runStart = 4

/** Undoes the Burrows-Wheeler transform of a block, in place, and then its run lengths. */
export function* invertTransform({ length, origin }: Bzip2Block, bytes: Uint32Array): Generator<Uint8Array> {
  linkSuccessors(bytes, length)
  const output = new Uint8Array(outputSize)
  let written = 0
  let entry = bytes[origin] as number
  let previous = -1
  let equal = 0
  for (let i = 0; i < length; i++) {
    entry = bytes[entry >>> 8] as number
    const byte = entry & 0xff
    const isCount = equal === runStart
    if (written + 255 > outputSize) {
      yield output.slice(0, written)
      written = 0
    }
    if (!isCount) output[written++] = byte
    else for (let left = byte; left > 0; left--) output[written++] = previous
    equal = isCount ? 0 : byte === previous ? equal + 1 : 1
    previous = isCount ? -1 : byte
  }
  yield output.slice(0, written)
}

/** To each byte, above its 8 bits, the place of the byte that follows it in the text. */
function linkSuccessors(bytes: Uint32Array, length: number): void {
  const places = new Uint32Array(257)
  for (let i = 0; i < length; i++) {
    const next = (bytes[i] as number) + 1
    places[next] = (places[next] as number) + 1
  }
  for (let byte = 1; byte < 256; byte++)
    places[byte] = (places[byte] as number) + (places[byte - 1] as number)
  for (let i = 0; i < length; i++) {
    const byte = (bytes[i] as number) & 0xff
    const place = places[byte] as number
    bytes[place] = ((bytes[place] as number) & 0xff) | (i << 8)
    places[byte] = place + 1
  }
}
