/** A key that a cache has, as it is made. */
export interface NewSigningKey {
  /** As in `name:base64`, e.g. `mycache.localhost-1`. */
  readonly name: string
  /** Base64 of the 32 bytes. */
  readonly publicKey: string
  /** Present on server-managed keys: the secret key, sealed with the service's own key (never plain). */
  readonly sealedSecret: Uint8Array | undefined
}

export interface SigningKey extends NewSigningKey {
  readonly createdAt: number
  /** Since when nothing new may be signed with it, and readers are no longer told of it; undefined: it is active. */
  readonly retiredAt: number | undefined
}

export interface SealedSecret {
  readonly name: string
  readonly sealedSecret: Uint8Array
}

/** What became of the sealed secrets. */
export interface Resealed {
  readonly kept: number
  /** By cache and key name. */
  readonly dropped: readonly { readonly cacheName: string; readonly keyName: string }[]
}

/** The keys of caches, as a part of `CacheDatabase`, whose contract holds here too. */
export interface SigningKeyTable {
  /** Oldest first, retired ones among them. */
  list(cacheId: number): Promise<readonly SigningKey[]>
  /** Throws `key-exists` when the cache has a key already. */
  addFirst(cacheId: number, key: NewSigningKey): Promise<void>
  /** Throws `key-exists` when the cache has a key of this name, or this public key under any name. */
  add(cacheId: number, key: NewSigningKey): Promise<void>
  /** False if there is no such key, or it was retired before. Throws `conflict` for the last active one. */
  retire(cacheId: number, name: string): Promise<boolean>
  /** Makes a retired key active again. */
  restore(cacheId: number, name: string): Promise<void>
  /** Any one of the sealed secrets of the whole service, with the name of its key. */
  findSealed(): Promise<SealedSecret | undefined>
  /**
   * Replaces every sealed secret of the whole service, all in one transaction. Where there is nothing to replace it with it
   * is dropped: the key stays, as one that somebody else keeps.
   */
  resealAll(reseal: (sealed: Uint8Array, keyName: string) => Uint8Array | undefined): Promise<Resealed>
}
