import { FormatError } from './format-error.ts'

export interface StorePath {
  readonly storeDir: string
  /** The store hash: 32 characters of nix32. */
  readonly hash: string
  /** What follows the hash and a hyphen. */
  readonly name: string
}

export const defaultStoreDir = '/nix/store'

/** Takes a full path, `<storeDir>/<hash>-<name>`, and nothing below it. */
export function parseStorePath(text: string, storeDir: string = defaultStoreDir): StorePath {
  if (!text.startsWith(`${storeDir}/`)) {
    throw new FormatError('store-path', `"${text.slice(0, 300)}" is not in the Nix store at ${storeDir}.`)
  }
  return { storeDir, ...parseBaseName(text.slice(storeDir.length + 1)) }
}

/** Takes `<hash>-<name>`, the form in which references are written. */
export function parseBaseName(text: string): { readonly hash: string; readonly name: string } {
  const hash = text.slice(0, 32)
  const name = text.slice(33)
  if (!isStoreHash(hash) || text.charAt(32) !== '-' || !isStoreName(name)) {
    throw new FormatError('store-path', `"${text.slice(0, 300)}" is not the name of a store path.`)
  }
  return { hash, name }
}

/** What follows the store directory. Checks nothing. */
export function baseNameOf(storePathText: string): string {
  return storePathText.slice(storePathText.lastIndexOf('/') + 1)
}

export function isStoreHash(text: string): boolean {
  return /^[0-9a-df-np-sv-z]{32}$/.test(text)
}

/** Nix refuses `.` and `..`, also before a hyphen, because a path would not be what it looks like. */
function isStoreName(text: string): boolean {
  return /^[0-9a-zA-Z+\-._?=]{1,211}$/.test(text) && !/^\.\.?(?:-|$)/.test(text)
}
