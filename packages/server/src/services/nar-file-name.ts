import { FormatError, sha256FromHex, sha256ToHex } from '@cachix/protocol'

const prefix = 'sha256:'
const suffix = '.nar.zst'

/** The name a NAR is served under, below `nar/`. `fileHash` is lower-case hex. */
export function narFileName(fileHash: string): string {
  return sha256FromHex(fileHash).slice(prefix.length) + suffix
}

export interface NarFile {
  /** Lower-case hex. */
  readonly fileHash: string
  /** After `.nar`: with the full stop; empty where there is none. */
  readonly extension: string
}

/** What a name below `nar/` says: the hash of a file, `.nar`, and perhaps how it is compressed. Undefined for all others. */
export function parseNarFile(name: string): NarFile | undefined {
  const [, hash, extension = ''] = /^([0-9a-z]{52})\.nar(\.[0-9a-z]{1,8})?$/.exec(name) ?? []
  try {
    return hash === undefined ? undefined : { fileHash: sha256ToHex(prefix + hash), extension }
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}
