/** Another binary cache, whose paths need not be stored again. */
export interface Upstream {
  /** `http(s)://HOST…`, no slash at the end. */
  readonly url: string
  /** `key name:base64`. */
  readonly publicKeys: readonly string[]
}

export interface DeclaredUpstream extends Upstream {
  readonly id: number
}

/** A path that an upstream has, as a signature by one of its keys says. */
export interface UpstreamPath {
  readonly upstreamId: number
  readonly storeHash: string
  readonly storeName: string
}

/** `in-use`: visible paths refer to paths that only the upstream has, so it stays. */
export type RemovedUpstream =
  | { readonly outcome: 'removed' | 'absent' }
  | { readonly outcome: 'in-use'; readonly paths: number }

/**
 * The upstreams of caches and the paths they are known to have, as a part of `CacheDatabase`, whose contract holds here
 * too. A path that is published into the cache is no longer an upstream's: what refers to it then refers to the cache's.
 */
export interface UpstreamTable {
  /** In the order in which they were added. */
  list(cacheId: number): Promise<readonly DeclaredUpstream[]>
  /** Replaces the keys if the cache has this upstream. */
  add(cacheId: number, upstream: Upstream): Promise<void>
  remove(cacheId: number, url: string): Promise<RemovedUpstream>
  /** Upstreams that are gone by now, and paths that are known already, are skipped. */
  recordPaths(cacheId: number, paths: readonly UpstreamPath[]): Promise<void>
  /** Those of these store hashes (any number) that an upstream of the cache is known to have. */
  known(cacheId: number, storeHashes: readonly string[]): Promise<ReadonlySet<string>>
}
