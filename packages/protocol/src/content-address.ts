import { parseHash } from './hash.ts'
import { FormatError } from './format-error.ts'

/**
 * Checks the `CA` of a store path: `text:` or `fixed:`, `fixed:r:`, `fixed:git:`, then a hash. Returns the text as it is.
 * Throws `FormatError`.
 */
export function checkContentAddress(text: string): string {
  const [, hash] = /^(?:text:|fixed:(?:r:|git:)?)(.*)$/.exec(text) ?? []
  if (hash === undefined)
    throw new FormatError('narinfo', `"${text.slice(0, 160)}" is not a content address.`)
  parseHash(hash)
  return text
}
