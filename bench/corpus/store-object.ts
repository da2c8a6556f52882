import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { encodeNix32 } from '@cachix/protocol'

/** A store path of the corpus, before Nix knows of it. */
export interface StoreObject {
  /** `/nix/store/HASH-NAME` */
  readonly storePath: string
  /** Full store paths, its own included where it refers to itself. */
  readonly references: readonly string[]
}

/**
 * The store path of an object called `name`, another one in each edition. Real store hashes digest a derivation; Nix
 * takes them as they are, so that the digest of the name serves as well.
 */
export function corpusStorePath(name: string, edition = ''): string {
  const digest = createHash('sha256').update(`bench corpus:${edition}${name}`).digest()
  return `/nix/store/${encodeNix32(digest.subarray(0, 20))}-${name}`
}

/** Makes the directory of a store object and returns its path. */
export function makeStoreDirectory(storePath: string, ...below: string[]): string {
  const directory = [storePath, ...below].join('/')
  mkdirSync(directory, { recursive: true })
  return directory
}
