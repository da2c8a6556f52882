import type { Page } from './upkeep-table.ts'

/** What a signature of a visible path is about. */
export interface SignablePath {
  /** 32 nix32 characters. */
  readonly storeHash: string
  readonly storeName: string
  /** `sha256:` and 52 nix32 characters. */
  readonly narHash: string
  readonly narSize: number
  /** Base names, in byte order. */
  readonly references: readonly string[]
}

/** A path and signatures that verify for just this path. */
export interface SignedPath extends SignablePath {
  /** `key name:base64`. */
  readonly signatures: readonly string[]
}

/** `gone`: the path is no longer visible, or is another by now; nothing was added. */
export type AddedOutcome = 'added' | 'already-there' | 'gone'

/** Signatures of paths that are visible already, as a part of `CacheDatabase`, whose contract holds here too. */
export interface SignatureTable {
  /** Visible paths without a signature by any of these keys, in the order of their store hashes. */
  without(cacheId: number, keyNames: readonly string[], page: Page): Promise<readonly SignedPath[]>
  countWithout(cacheId: number, keyNames: readonly string[]): Promise<number>
  /** What became of each, in their order. */
  add(cacheId: number, paths: readonly SignedPath[]): Promise<readonly AddedOutcome[]>
}
