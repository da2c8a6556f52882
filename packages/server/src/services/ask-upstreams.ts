import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { UpstreamPath } from '../database/upstream-table.ts'
import { mapSome } from './map-some.ts'
import type { UpstreamAnswers } from './upstream-answers.ts'

export interface AskUpstreamsDeps {
  readonly database: CacheDatabase
  readonly upstreamAnswers: UpstreamAnswers
}

export interface UpstreamSearch {
  readonly cache: Cache
  /** Any number. */
  readonly storeHashes: readonly string[]
  /** Of whoever waits for the answer. */
  readonly signal: AbortSignal
}

const askedAtOnce = 32

/**
 * Asks the upstreams of a cache for paths, and notes those that they have and have signed, so that others may refer to
 * them. Gives those, of which nothing has to be stored; what could not be found out within some seconds is not among them.
 */
export async function askUpstreams(
  { database, upstreamAnswers }: AskUpstreamsDeps,
  { cache, storeHashes, signal }: UpstreamSearch,
): Promise<ReadonlySet<string>> {
  const declared = await database.upstreams.list(cache.id)
  const upstreams = declared.filter(({ url }) => upstreamAnswers.mayAsk(url))
  if (upstreams.length === 0) return new Set()
  const enough = AbortSignal.any([signal, AbortSignal.timeout(upstreamAnswers.options.enoughMs)])

  async function find(storeHash: string): Promise<UpstreamPath | undefined> {
    for (const upstream of upstreams) {
      const path = await upstreamAnswers.find({ cache, upstream, storeHash }, enough)
      if (path !== undefined) return path
    }
    return undefined
  }

  const paths = (await mapSome(storeHashes, askedAtOnce, find)).filter((path) => path !== undefined)
  if (paths.length === 0) return new Set()
  await database.upstreams.recordPaths(cache.id, paths)
  // What was asked and is gone by now is not recorded.
  const found = paths.map(({ storeHash }) => storeHash)
  return database.upstreams.known(cache.id, found)
}
