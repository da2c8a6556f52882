import { FormatError } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { CacheErrorCode } from '../../cache-error.ts'

/** What to throw instead of `error`: a `CacheError` with the same sentence if it says what is wrong with what was sent. */
export function explainFormat(error: unknown, code: CacheErrorCode): unknown {
  if (!(error instanceof FormatError)) return error
  return new CacheError(error.code === 'nar' ? 'invalid-nar' : code, error.message, { cause: error })
}

/** The result of `parse`, with its errors explained. */
export function explained<T>(code: CacheErrorCode, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw explainFormat(error, code)
  }
}
