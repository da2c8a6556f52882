import type { Cache } from '../database/cache-database.ts'
import { askUpstreams } from './ask-upstreams.ts'
import type { AskUpstreamsDeps } from './ask-upstreams.ts'

export interface MissingRequest {
  readonly cache: Cache
  /** Any number, 32 nix32 characters each. */
  readonly storeHashes: readonly string[]
  /**
   * What only an upstream has: `missing`, or not as far as that is `known`, or `asked` of the upstreams: that is for those
   * who may push, because it has requests sent and paths noted.
   */
  readonly upstreams: 'missing' | 'known' | 'asked'
  /** Of whoever waits for the answer. */
  readonly signal: AbortSignal
}

/**
 * Those of the store hashes that a push to this cache would have to send, in the order given. Clients push just what is
 * missing, so what an upstream has is not, unless they ask for it.
 */
export async function findMissing(
  deps: AskUpstreamsDeps,
  { cache, storeHashes, upstreams, signal }: MissingRequest,
): Promise<readonly string[]> {
  const missing = await deps.database.paths.missing(cache.id, storeHashes)
  if (upstreams === 'missing' || missing.length === 0) return missing
  const known = await deps.database.upstreams.known(cache.id, missing)
  const rest = without(missing, known)
  if (upstreams === 'known' || rest.length === 0) return rest
  return without(rest, await askUpstreams(deps, { cache, storeHashes: rest, signal }))
}

function without(storeHashes: readonly string[], known: ReadonlySet<string>): readonly string[] {
  return known.size === 0 ? storeHashes : storeHashes.filter((storeHash) => !known.has(storeHash))
}
