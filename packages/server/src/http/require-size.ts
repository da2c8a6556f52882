import { CacheError } from '../cache-error.ts'

/** Throws `too-large` if a request says that its body is. One without a length is measured as it comes. */
export function requireSize({ headers }: Request, limit: number): void {
  if (Number(headers.get('content-length') ?? 0) <= limit) return
  throw new CacheError('too-large', `This upload is larger than the ${limit} bytes this service takes.`)
}
