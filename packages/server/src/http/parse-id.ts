import { CacheError } from '../cache-error.ts'

/** The number in an address that lists show. Throws `bad-request`. */
export function parseId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CacheError('bad-request', 'The id is a number, as the list shows it.')
}
