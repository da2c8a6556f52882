import type { AtOnce } from '../at-once.ts'
import type { OidcRuleTable } from './oidc-rule-table.ts'
import type { FirstToken, TokenTable } from './token-table.ts'
import type { SignatureTable } from './signature-table.ts'
import type { NewSigningKey, SigningKeyTable } from './signing-key-table.ts'
import type { PinTable } from './pin-table.ts'
import type { Page, UpkeepTable } from './upkeep-table.ts'
import type { ObjectTable } from './object-table.ts'
import type { UploadTable } from './upload-table.ts'
import type { Upstream, UpstreamTable } from './upstream-table.ts'

/**
 * The port to everything the service remembers except the bytes of NARs.
 *
 * Contract, checked by `cache-database.conformance.ts` on every adapter:
 * - Absence is `undefined`. A method that could not find out throws.
 * - When a promise of a writing method settles, its change is durable (survives power loss) and visible to every
 *   process that shares the database. Each writing method is one transaction.
 * - Times are milliseconds since the epoch. Hashes are spelled as each field says. Nothing is trimmed or folded.
 * - Text holds no NUL, names and hashes have been checked by the caller.
 * - Unique-key clashes are results or named `CacheError`s, never driver errors. What is written for a cache, an account or
 *   a token that is gone meanwhile throws `not-found`.
 */
export interface CacheDatabase {
  readonly accounts: AccountTable
  readonly tokens: TokenTable
  readonly oidcRules: OidcRuleTable
  readonly caches: CacheTable
  readonly keys: SigningKeyTable
  readonly upstreams: UpstreamTable
  readonly packs: PackTable
  readonly chunks: ChunkTable
  readonly uploads: UploadTable
  readonly objects: ObjectTable
  readonly nars: NarTable
  readonly paths: PathTable
  readonly pins: PinTable
  readonly signatures: SignatureTable
  readonly upkeep: UpkeepTable
  /**
   * Writes a consistent copy of everything into a directory, as of one moment, in place of an older one, while everybody
   * goes on working. Gives the file's name. Throws `unavailable`, `disk-full`.
   */
  snapshot(directory: string): Promise<string>
  /** Resolves when the database answers a query; rejects when it does not. */
  ping(): Promise<void>
  /** For when nothing is under way: what is may be rejected, and is then undone. Closing again does nothing. */
  close(): Promise<void>
}

export interface Account {
  readonly id: number
  readonly name: string
}

export interface AccountTable {
  /** Creates the account and, if given, a token of it at once. Throws `name-taken`. */
  create(name: string, firstToken?: FirstToken): Promise<Account>
  count(): Promise<number>
}

export interface Cache {
  readonly id: number
  readonly name: string
  readonly accountId: number
  readonly accountName: string
  readonly isPublic: boolean
  readonly storeDir: string
  readonly priority: number
  readonly createdAt: number
}

export interface NewCache {
  readonly name: string
  readonly accountId: number
  readonly isPublic: boolean
  readonly storeDir: string
  readonly priority: number
  readonly key?: NewSigningKey | undefined
  readonly upstreams?: readonly Upstream[] | undefined
}

export interface CacheTable {
  /** Creates the cache and, if given, its key and upstreams at once. Throws `name-taken`. */
  create(cache: NewCache): Promise<Cache>
  find(name: string): Promise<Cache | undefined>
  /** By name. */
  list(accountId: number): Promise<readonly Cache[]>
  setPublic(cacheId: number, isPublic: boolean): Promise<void>
  /** Removes the cache and all that is about it: paths, keys, tokens, pins. Its name is free then. */
  remove(cacheId: number): Promise<void>
}

/** One immutable stored object. */
export interface PackRecord {
  /** Lower-case hex SHA-256 of its bytes. */
  readonly name: string
  readonly size: number
}

/**
 * A pack is sound until something was found to be wrong with its bytes. While it is not, nothing that needs it is found
 * by any method, so that it will be sent again; once it was recorded again, as its bytes are durable again, all of that is
 * back.
 */
export interface PackTable {
  isSound(name: string): Promise<boolean>
  /**
   * Before the file of a pack is put: collection leaves it alone for a while from now on, even if it is about to take an
   * old pack of this name.
   */
  lease(name: string): Promise<void>
  /** Does nothing if the pack is not recorded. */
  markDamaged(name: string): Promise<void>
}

/** Where a chunk is stored. */
export interface StoredChunk {
  /** Lower-case hex SHA-256, of the protocol's `nameChunk`. */
  readonly name: string
  readonly pack: string
  /** Of its frame in the pack, in bytes. */
  readonly offset: number
  readonly length: number
  /** Bytes of the chunk. */
  readonly contentSize: number
  /** Encoded by `encodeChunkLayout` of the protocol package. */
  readonly layout: Uint8Array
}

/** Whose chunks may be built on: those that a public cache, this cache or, if given, one of the account's holds. */
export interface ChunkReader {
  readonly cacheId: number
  readonly accountId?: number | undefined
}

export interface NewChunks {
  /** Durable. */
  readonly pack: PackRecord
  /** Frames of the pack. Those of them that are stored already stay where they are. */
  readonly chunks: readonly Omit<StoredChunk, 'pack'>[]
}

/**
 * Chunks whose frames were verified. Each is stored once for all; which caches hold it decides who may know of it. What
 * `missing` and `find` report as there is left alone by collection for a while.
 */
export interface ChunkTable {
  /** Those of `names` (any number) that the reader cannot build on, in the order given. */
  missing(reader: ChunkReader, names: readonly string[]): Promise<readonly string[]>
  /** Those of `names` (any number) that the reader can build on, in no order, each once. */
  find(reader: ChunkReader, names: readonly string[]): Promise<readonly StoredChunk[]>
  /** Those of `names` that are stored, for whomever: not to be told to anybody. */
  stored(names: readonly string[]): Promise<readonly string[]>
  /** Records chunks that were not stored. */
  record(added: NewChunks): Promise<void>
  /** The cache holds these from now on, as far as they are stored. */
  hold(cacheId: number, names: readonly string[]): Promise<void>
  /** As if they had never been sent; what was published stays. */
  forget(names: readonly string[]): Promise<void>
}

/** A NAR whose bytes are durable and were verified. */
export interface Nar {
  /** Lower-case hex SHA-256 of the served file: its name in URLs. */
  readonly fileHash: string
  /** Bytes of the served file. */
  readonly fileSize: number
  /** `sha256:` and 52 nix32 characters. */
  readonly narHash: string
  readonly narSize: number
  /** Encoded by `encodeRecipe` of the protocol package: what makes up the served file. */
  readonly recipe: Uint8Array
  readonly listing: StoredListing
  /** The builds whose debugging information it has, 40 hex digits each: files below `lib/debug/.build-id`. */
  readonly buildIds: readonly string[]
}

/** The `.ls` of a NAR without its store hashes, so that rebuilt NARs share it. */
export interface StoredListing {
  /** One zstd frame. */
  readonly template: Uint8Array
  /** What fills the template, 32 characters each. */
  readonly hashes: readonly string[]
}

export interface NarTable {
  /** The NAR with this file hash, if a visible path of the cache has it: what readers may fetch. */
  findPublished(cacheName: string, fileHash: string): Promise<PublishedNar | undefined>
  /** A NAR with the debugging information of this build, if a visible path of the cache has it. */
  findDebugFile(cacheName: string, buildId: string): Promise<DebugFile | undefined>
}

interface DebugFile {
  readonly isPublic: boolean
  /** Of the NAR's served file. */
  readonly fileHash: string
}

export interface PublishedNar {
  readonly isPublic: boolean
  readonly cacheId: number
  readonly fileSize: number
  readonly recipe: Uint8Array
}

/** A store path visible in a cache. */
export interface PublishedPath {
  readonly cacheId: number
  readonly storeDir: string
  /** 32 nix32 characters. */
  readonly storeHash: string
  readonly storeName: string
  readonly fileHash: string
  readonly fileSize: number
  readonly narHash: string
  readonly narSize: number
  /** Base names, in byte order, own path included where it refers to itself. */
  readonly references: readonly string[]
  /** Base name of the derivation. */
  readonly deriver: string | undefined
  /** `key name:base64`. */
  readonly signatures: readonly string[]
  readonly ca: string | undefined
}

export interface NewPath {
  readonly storeHash: string
  readonly storeName: string
  readonly nar: Nar
  /** Names of the packs that the NAR's recipe uses. */
  readonly packs: readonly string[]
  readonly references: readonly string[]
  readonly deriver?: string | undefined
  readonly signatures: readonly string[]
  readonly ca?: string | undefined
}

export type PublishResult =
  /** Now visible. */
  | { readonly outcome: 'published' }
  /**
   * Was visible with the same name and NAR hash. Signatures that were new have been added if the references are the
   * same too (signatures cover them); the rest stays as it was.
   */
  | { readonly outcome: 'already-there' }
  /** Is visible with another name or NAR hash, given here: nothing changed. */
  | { readonly outcome: 'conflict'; readonly narHash: string }
  /** Nothing changed: these base names are neither visible in the cache nor known to be in one of its upstreams. */
  | { readonly outcome: 'missing-references'; readonly references: readonly string[] }
  /** Kept, and visible as soon as what it refers to is. */
  | { readonly outcome: 'waiting' }

export interface PublishOptions {
  /**
   * A path whose references are not all visible is kept until they are, in place of `missing-references`. Nobody sees it
   * before, and `missing` reports it.
   */
  readonly mayWait?: boolean
}

/** A path is visible while the packs of its NAR are sound. */
export interface PathTable {
  /**
   * Makes paths visible, one after another in one transaction, each if every reference (other than itself) is visible in
   * the cache by then, or known to be in one of its upstreams. A NAR that is known by its file hash stays as it is. Two publishers of one path at once: one gets
   * `published`, the other `already-there`. Throws `damaged`, and nothing changed, if a pack is not recorded or not sound.
   */
  publish(
    cacheId: number,
    paths: readonly NewPath[],
    options?: PublishOptions,
  ): Promise<readonly PublishResult[]>
  /** The NAR hash of a path that waits for what it refers to. */
  findWaiting(cacheId: number, storeHash: string): Promise<string | undefined>
  find(cacheId: number, storeHash: string): Promise<PublishedPath | undefined>
  /** The hot path: by name of the cache, in one query. Undefined when either does not exist. */
  findByCacheName(cacheName: string, storeHash: string): AtOnce<FoundPath | undefined>
  listing(cacheId: number, storeHash: string): Promise<StoredListing | undefined>
  /** Base names of visible paths, in the order of their store hashes, at most `limit` after the store hash `after`. */
  list(cacheId: number, page: Page): Promise<readonly string[]>
  /** Bytes of the NARs of visible paths, as they are served. */
  fileBytes(cacheId: number): Promise<number>
  /** Those of `storeHashes` (any number, duplicates allowed) that are not visible in the cache, as and in the order given. */
  missing(cacheId: number, storeHashes: readonly string[]): Promise<readonly string[]>
}

export interface FoundPath {
  readonly isPublic: boolean
  readonly path: PublishedPath
}
