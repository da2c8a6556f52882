/** What the local store knows about a valid path. */
export interface PathInfo {
  /** Full: `/nix/store/HASH-NAME`. */
  readonly storePath: string
  /** `sha256:` and 52 nix32 characters. */
  readonly narHash: string
  /** Bytes. */
  readonly narSize: number
  /** Base names, sorted; the path's own among them where it refers to itself. */
  readonly references: readonly string[]
  /** Base name. */
  readonly deriver?: string | undefined
  /** `key name:base64`. */
  readonly signatures: readonly string[]
  readonly ca?: string | undefined
}

/** Reads the database of a Nix store. Store paths are given in full. Every method throws CliError `nix`. */
export interface StoreReader {
  /** Where store paths lie, without a slash at the end. */
  readonly storeDir: string

  /** Those of the store paths that are valid. */
  validPaths(storePaths: readonly string[]): Promise<Set<string>>

  /** Everything these valid paths refer to, themselves included, each after all that it refers to. Throws when one is not valid. */
  closure(storePaths: readonly string[]): Promise<PathInfo[]>

  /** Keeps the closures of these paths from Nix's collector until `close`, where the store offers that. */
  protect(storePaths: readonly string[]): Promise<void>

  close(): Promise<void>
}
