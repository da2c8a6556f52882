// Proves which bytes of a frame's content come from which patch. The patches are filled with marks and the frame is
// decoded, two or three times with other marks. Every byte of every slot has a number of its own, whose digits to the base
// 256 are its marks; no two digits that follow one another are equal. So in the decoded contents
//
//   a byte that is the same in all of them   has nothing to do with any patch
//   a byte with the marks of a number        is a copy of that byte of that slot
//
// With the patches in raw blocks, which a decoder copies without looking, this holds for every filling, not just for marks:
//
//   patches   … AAAAAAAA … BBBBBBBB …       slot 0 marked 00 01 02 …, slot 1 marked 20 21 22 …
//   content   see 00 01 02 … -a, 20 21 22 … -b and 00 01 02 …
//   again     see 01 02 03 … -a, 21 22 23 … -b and 01 02 03 …

import { blankHoles, countSlots, fillHoles, holeBytes } from '@cachix/protocol'
import type { Hole, Pattern } from '@cachix/protocol'
import { decodeFrame } from './decode-frame.ts'
import type { PatchedFrame } from './patched-frame.ts'

export interface Trace {
  /** Holes that are not copies of their slot's patches, byte for byte. */
  readonly unfilled: readonly Hole[]
  /** Slots of patches that bytes outside the holes come from. */
  readonly leaking: ReadonlySet<number>
  /** The content with its holes blanked; of use if nothing leaks. */
  readonly blanked: Uint8Array
}

/** Overwrites the patches. Throws `FormatError` if the frame does not decode to `contentSize` bytes. */
export function traceFrame({ bytes, patches }: PatchedFrame, pattern: Pattern, contentSize: number): Trace {
  const marks = marksOf(countSlots(patches))
  const contents = marks.map((fillings) => {
    fillHoles(bytes, patches, fillings)
    return decodeFrame(bytes, contentSize)
  })
  const unfilled = pattern.filter(({ offset, slot }) =>
    contents.some((content, digit) => !isAt(content, offset, marks[digit]?.[slot])),
  )
  for (const content of contents) blankHoles(content, pattern)
  const [blanked = new Uint8Array()] = contents
  return { unfilled, leaking: findLeaks(contents), blanked }
}

function isAt(content: Uint8Array, offset: number, expected: Uint8Array | undefined): boolean {
  return expected?.every((byte, i) => content[offset + i] === byte) ?? false
}

/** For each decoding, and in it for each slot, the bytes to fill it with. */
function marksOf(slotCount: number): Uint8Array[][] {
  return digits
    .slice(0, countDecodings(slotCount))
    .map((digit) =>
      Array.from({ length: slotCount }, (_, slot) =>
        Uint8Array.from({ length: holeBytes }, (_, i) => digit(slot * holeBytes + i)),
      ),
    )
}

function countDecodings(slotCount: number): number {
  if (slotCount === 0) return 1
  return slotCount * holeBytes <= 256 * 255 ? 2 : 3
}

function findLeaks(contents: readonly Uint8Array[]): Set<number> {
  const leaking = new Set<number>()
  const [first, second = first, third] = contents
  if (!first || !second || Buffer.compare(first, second) === 0) return leaking
  for (const [i, low] of first.entries()) {
    if (low === second[i]) continue
    const number = numberOf(low, second[i] ?? 0, third?.[i])
    leaking.add(Math.floor(number / holeBytes))
  }
  return leaking
}

/** The digits of a number; stored in bytes, which takes them modulo 256. */
const digits: readonly ((number: number) => number)[] = [
  (number) => number,
  (number) => number + 1 + (Math.floor(number / 256) % 255),
  (number) => number + 2 + (Math.floor(number / 256) % 255) + Math.floor(number / (256 * 255)),
]

/** The number with these digits. */
function numberOf(first: number, second: number, third = second + 1): number {
  return first + 256 * ((second - first - 1) & 255) + 256 * 255 * ((third - second - 1) & 255)
}
