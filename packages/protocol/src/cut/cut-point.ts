// Content-defined cutting: where a piece ends depends on the bytes just before its end, so that an insertion moves the
// cuts around it and no others. FastCDC (Xia et al., USENIX ATC 2016) with a gear hash of 32 bits: each byte shifts the
// hash left by one and adds the byte's number from a fixed table, and where the topmost bits are all zero there is a cut.
// Before the average size one more bit has to be zero, after it one less, which keeps sizes near the average.

export interface CutSizes {
  readonly min: number
  /** A power of two. */
  readonly average: number
  readonly max: number
}

/** How many of the first `size` bytes make the first piece: all of them if they are fewer than `min`. */
export function findCutPoint(bytes: Uint8Array, size: number, { min, average, max }: CutSizes): number {
  const bits = Math.log2(average)
  const middle = Math.min(average, size)
  const end = Math.min(max, size)
  return (
    searchZeroBits(bytes.subarray(min, middle), bits + 1, min) ??
    searchZeroBits(bytes.subarray(middle, end), bits - 1, middle) ??
    end
  )
}

/** Where the topmost bits are zero first, counted from `start`; the bytes before play no part. */
function searchZeroBits(bytes: Uint8Array, bits: number, start: number): number | undefined {
  const mask = -1 << (32 - bits)
  let hash = 0
  for (let i = 0; i < bytes.length; i++) {
    hash = ((hash << 1) + (gear[bytes[i] as number] as number)) | 0
    if ((hash & mask) === 0) return start + i + 1
  }
  return undefined
}

/** Numbers without pattern: the first 256 of SplitMix32 from seed 0. Other numbers would be another cut. */
const gear = Int32Array.from({ length: 256 }, (_, i) => {
  let number = Math.imul(i + 1, 0x9e3779b9)
  number = Math.imul(number ^ (number >>> 16), 0x21f0aaad)
  number = Math.imul(number ^ (number >>> 15), 0x735a2d97)
  return number ^ (number >>> 15)
})
