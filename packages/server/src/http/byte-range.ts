/** Bytes `start` up to but not including `end`. */
interface ByteRange {
  readonly start: number
  readonly end: number
}

export type RequestedRange = ByteRange | 'whole' | 'unsatisfiable'

/**
 * What a `Range` header asks of a body of `size` bytes (RFC 9110, section 14). `whole` where there is none, and where
 * it is malformed, in an unknown unit or of several ranges: all of these may be ignored.
 */
export function parseRange(header: string | null, size: number): RequestedRange {
  const [, first, last] = (header !== null && singleRange.exec(header)) || []
  if (first === undefined || last === undefined) return 'whole'
  return first === '' ? lastBytes(last, size) : between(Number(first), last, size)
}

const singleRange = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

function lastBytes(length: string, size: number): RequestedRange {
  if (length === '') return 'whole'
  if (Number(length) === 0 || size === 0) return 'unsatisfiable'
  return { start: Math.max(0, size - Number(length)), end: size }
}

function between(start: number, last: string, size: number): RequestedRange {
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return 'whole'
  return start < size ? { start, end } : 'unsatisfiable'
}
