import { FormatError, sha256FromHex, sha256ToHex } from '@cachix/protocol'

const prefix = 'sha256:'
const suffix = '.nar.zst'

/** The name a NAR is served under, below `nar/`. `fileHash` is lower-case hex. */
export function narFileName(fileHash: string): string {
  return sha256FromHex(fileHash).slice(prefix.length) + suffix
}

/** The file hash, lower-case hex, in the name of a served NAR; undefined if no NAR is served under such a name. */
export function parseNarFileName(name: string): string | undefined {
  if (!/^[0-9a-z]{52}\.nar\.zst$/.test(name)) return undefined
  try {
    return sha256ToHex(prefix + name.slice(0, -suffix.length))
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}
