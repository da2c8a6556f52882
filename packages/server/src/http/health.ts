import { CacheError } from '../cache-error.ts'
import type { CacheDatabase } from '../database/cache-database.ts'
import { textResponse } from './http-error.ts'

/** `/healthz`: whether the service can do its work. Throws `unavailable`. */
export async function checkHealth({ database }: { readonly database: CacheDatabase }): Promise<Response> {
  try {
    await database.ping()
  } catch (cause) {
    throw new CacheError('unavailable', 'The database does not answer.', { cause })
  }
  return textResponse(200, 'ok')
}
