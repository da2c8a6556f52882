import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { upstreamUrl } from './declare-upstream.ts'

/** Throws `not-found`, and `conflict` while paths of the cache refer to some that only the upstream has. */
export async function removeUpstream(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
  text: string,
): Promise<void> {
  const url = upstreamUrl(text)
  const removed = await database.upstreams.remove(cache.id, url)
  if (removed.outcome === 'absent') {
    throw new CacheError('not-found', `${url} is not an upstream of cache ${cache.name}.`)
  }
  if (removed.outcome === 'in-use') {
    const message =
      `Paths of cache ${cache.name} need ${removed.paths} that only ${url} has. ` +
      'Push those first, with --include-upstream.'
    throw new CacheError('conflict', message)
  }
}
