// A pattern as bytes: to store it, to send it, and to name a chunk. All numbers are LEB128, the shortest form.
//
//   version 1 | how many holes | for each: bytes since the last hole's end (or the start), slot
//
// Take a file whose path refers to two others, with the hashes aaaa… and bbbb…; it has 114 bytes:
//
//   see aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-a, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-b and aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/x\n
//
// Its holes are at 4, 40 and 79, of slots 0, 1 and 0. So the pattern is
//
//   01 03  04 00  04 01  07 00
//
// A chunk's name is the SHA-256 of its pattern followed by its bytes with zeros in the holes, which here is
// 6cb01d4fba8440bd530dd3ccab518d6534cea5a2d6bb4a2dfefea5df2dbee65d. With other hashes it is the same.

import { FormatError } from '../format-error.ts'
import { holeBytes } from './hole.ts'
import type { Hole, Pattern } from './hole.ts'

const version = 1

export function encodePattern(pattern: Pattern): Uint8Array {
  const bytes = [version]
  pushNumber(bytes, pattern.length)
  let end = 0
  for (const { offset, slot } of pattern) {
    pushNumber(bytes, offset - end)
    pushNumber(bytes, slot)
    end = offset + holeBytes
  }
  return Uint8Array.from(bytes)
}

/** Of something that has `size` bytes; throws `FormatError` for all that is never encoded. */
export function decodePattern(bytes: Uint8Array, size: number): Pattern {
  if (bytes[0] !== version) throw invalid(`its version is ${bytes[0]}; only 1 is known`)
  const [count, ...numbers] = readNumbers(bytes.subarray(1))
  if (count === undefined || numbers.length !== 2 * count) throw invalid('it is cut short or goes on')

  const pattern: Hole[] = []
  let end = 0
  for (let i = 0; i < numbers.length; i += 2) {
    const offset = end + (numbers[i] ?? 0)
    pattern.push({ offset, slot: numbers[i + 1] ?? 0 })
    end = offset + holeBytes
  }
  checkPattern(pattern, size)
  return pattern
}

/** Throws `FormatError` unless the holes are in order, do not overlap, are within `size` bytes and use no slot before its turn. */
export function checkPattern(pattern: Pattern, size: number): void {
  let end = 0
  let slots = 0
  for (const { offset, slot } of pattern) {
    if (!Number.isSafeInteger(offset) || offset < end) throw invalid('holes overlap')
    if (offset + holeBytes > size) throw invalid('a hole is outside')
    if (!Number.isSafeInteger(slot) || slot < 0 || slot > slots) throw invalid('a slot is out of turn')
    if (slot === slots) slots++
    end = offset + holeBytes
  }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
}

/** Of at most 28 bits each: no chunk is as large as that. */
function readNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const byte of bytes) {
    if (shift > 21 || (shift > 0 && byte === 0)) throw invalid('a number has too many bytes')
    value |= (byte & 0x7f) << shift
    shift += 7
    if (byte >= 0x80) continue
    numbers.push(value)
    value = 0
    shift = 0
  }
  if (shift > 0) throw invalid('it stops inside a number')
  return numbers
}

function invalid(reason: string): FormatError {
  return new FormatError('chunk', `This is not a pattern of holes: ${reason}.`)
}
