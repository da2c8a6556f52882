import type { Cache, CacheDatabase } from '../database/cache-database.ts'

const pageSize = 1000

/** The base names of all paths that are visible in a cache, page by page. */
export async function* listContents(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
): AsyncGenerator<readonly string[]> {
  let after = ''
  while (true) {
    const page = await database.paths.list(cache.id, { after, limit: pageSize })
    if (page.length > 0) yield page
    if (page.length < pageSize) return
    after = page.at(-1)?.slice(0, 32) ?? ''
  }
}
