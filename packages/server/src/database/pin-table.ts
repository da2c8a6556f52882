/** Names under which a cache keeps paths, as a part of `CacheDatabase`, whose contract holds here too. */
export interface PinTable {
  /**
   * Makes a path the pin's last revision, unless it is so already with the same artifacts; how long revisions are kept is
   * as said last. The pin is made if it is missing. False, and nothing changed, if the path is not visible in the cache.
   */
  pin(cacheId: number, pin: NewPin): Promise<boolean>
  /** By name. */
  list(cacheId: number): Promise<readonly Pin[]>
  /** Removes the pin and its revisions. False if there is none. */
  remove(cacheId: number, name: string): Promise<boolean>
}

/** Undefined: for ever. */
export type PinKeep =
  | { readonly tag: 'Days' | 'Revisions'; readonly contents: number }
  | { readonly tag: 'Forever' }
  | undefined

export interface NewPin {
  readonly name: string
  /** 32 nix32 characters. */
  readonly storeHash: string
  /** Of files below the path. */
  readonly artifacts: readonly string[]
  readonly keep: PinKeep
}

export interface Pin {
  readonly name: string
  readonly keep: PinKeep
  readonly createdAt: number
  readonly lastRevision: PinRevision
}

interface PinRevision {
  /** Base name. */
  readonly path: string
  readonly artifacts: readonly string[]
  readonly createdAt: number
  /** From 1 on. */
  readonly number: number
}
