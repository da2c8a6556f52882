import type { NarInfoCreate } from '@cachix/api'
import {
  canonicalSha256,
  checkContentAddress,
  FormatError,
  isSha256Hex,
  parseBaseName,
  sortReferences,
} from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'

/** What a client says about a path it wants to publish, every text known to be well-formed. */
export interface Publication {
  readonly storeHash: string
  readonly storeName: string
  readonly narHash: string
  readonly narSize: number
  /** Lower-case hex. */
  readonly fileHash: string
  readonly fileSize: number
  /** Base names, each once, in byte order. */
  readonly references: readonly string[]
  readonly deriver: string | undefined
  /** Base64; undefined: the service is to sign. */
  readonly signature: string | undefined
  readonly ca: string | undefined
}

/** Throws `bad-request`. */
export function parsePublication(info: NarInfoCreate): Publication {
  try {
    const { hash, name } = parseBaseName(`${info.cStoreHash}-${info.cStoreSuffix}`)
    return {
      storeHash: hash,
      storeName: name,
      narHash: canonicalSha256(info.cNarHash),
      narSize: info.cNarSize,
      fileHash: parseFileHash(info.cFileHash),
      fileSize: info.cFileSize,
      references: parseReferences(info.cReferences),
      deriver: info.cDeriver === 'unknown-deriver' ? undefined : checkBaseName(info.cDeriver),
      signature: info.cSig ?? undefined,
      ca: info.cCa ? checkContentAddress(info.cCa) : undefined,
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new CacheError('bad-request', error.message, { cause: error })
  }
}

function parseReferences(baseNames: readonly string[]): string[] {
  return sortReferences(baseNames.map(checkBaseName))
}

function checkBaseName(baseName: string): string {
  parseBaseName(baseName)
  return baseName
}

function parseFileHash(text: string): string {
  if (isSha256Hex(text)) return text
  throw new CacheError('bad-request', 'cFileHash is not 64 lower-case hex digits.')
}
