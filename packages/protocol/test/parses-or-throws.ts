import assert from 'node:assert/strict'
import { FormatError } from '../src/format-error.ts'
import type { FormatErrorCode } from '../src/format-error.ts'

/** The result of `parse`, or `undefined` if it threw one of these `FormatError`s; any other error fails the test. */
export function parsesOrThrows<T>(parse: () => T, ...codes: FormatErrorCode[]): T | undefined {
  try {
    return parse()
  } catch (error) {
    assert.ok(error instanceof FormatError && codes.includes(error.code), String(error))
    return undefined
  }
}
