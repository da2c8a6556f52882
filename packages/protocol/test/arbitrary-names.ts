import * as fc from 'fast-check'

/** Lower-case hex; few enough that some turn up twice. */
export const sha256Name = namesOf('0123456789abcdef', 64)

export const anyStoreHash = namesOf('0123456789abcdfghijklmnpqrsvwxyz', 32)

function namesOf(alphabet: string, length: number): fc.Arbitrary<string> {
  const digit = fc.constantFrom(...alphabet.split(''))
  const few = digit.map((digit) => digit.repeat(length))
  return fc.oneof(few, fc.string({ unit: digit, minLength: length, maxLength: length }))
}
