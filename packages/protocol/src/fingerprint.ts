import type { Sha256Text } from './hash.ts'

export interface Fingerprinted {
  /** Full. */
  readonly storePath: string
  readonly narHash: Sha256Text
  /** Bytes. */
  readonly narSize: number
  /** Base names, in any order. */
  readonly references: readonly string[]
}

/** The text a signature of a store path signs, as `ValidPathInfo::fingerprint` of Nix makes it. */
export function fingerprint(info: Fingerprinted): string {
  const storeDir = info.storePath.slice(0, info.storePath.lastIndexOf('/'))
  const references = sortReferences(info.references).map((baseName) => `${storeDir}/${baseName}`)
  return `1;${info.storePath};${info.narHash};${info.narSize};${references.join(',')}`
}

/** As a set in the order of bytes, Nix's order. Base names are ASCII, so code units are bytes. */
export function sortReferences(baseNames: readonly string[]): string[] {
  return [...new Set(baseNames)].sort()
}
