import type { NarInfoCreate, PathCreate } from '@cachix/api'
import {
  canonicalSha256,
  checkContentAddress,
  decodeChunkRecipe,
  FormatError,
  isSha256Hex,
  parseBaseName,
  sortReferences,
} from '@cachix/protocol'
import type { FilledChunk } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'

/** What a client says about a path it wants to publish, every text known to be well-formed. */
export interface Publication {
  readonly storeHash: string
  readonly storeName: string
  readonly narHash: string
  readonly narSize: number
  /** Base names, each once, in byte order. */
  readonly references: readonly string[]
  readonly deriver: string | undefined
  /** Base64; undefined: the service is to sign. */
  readonly signature: string | undefined
  /** `key name:base64`, by whomever. */
  readonly otherSignatures: readonly string[]
  readonly ca: string | undefined
}

/** With a NAR that was sent whole. */
export interface UploadPublication extends Publication {
  /** Lower-case hex. */
  readonly fileHash: string
  readonly fileSize: number
}

/** With chunks. */
export interface ChunkPublication extends Publication {
  readonly recipe: readonly FilledChunk[]
}

/** Throws `bad-request`. */
export function parseUploadPublication(info: NarInfoCreate): UploadPublication {
  return wellFormed(() => ({
    ...parseName(`${info.cStoreHash}-${info.cStoreSuffix}`),
    narHash: canonicalSha256(info.cNarHash),
    narSize: info.cNarSize,
    fileHash: parseFileHash(info.cFileHash),
    fileSize: info.cFileSize,
    references: parseReferences(info.cReferences),
    deriver: info.cDeriver === 'unknown-deriver' ? undefined : checkBaseName(info.cDeriver),
    signature: info.cSig ?? undefined,
    otherSignatures: [],
    ca: info.cCa ? checkContentAddress(info.cCa) : undefined,
  }))
}

/** Throws `bad-request`. */
export function parseChunkPublication(path: PathCreate): ChunkPublication {
  return wellFormed(() => ({
    ...parseName(path.storePath),
    narHash: canonicalSha256(path.narHash),
    narSize: path.narSize,
    references: parseReferences(path.references),
    deriver: path.deriver ? checkBaseName(path.deriver) : undefined,
    signature: path.sig ?? undefined,
    otherSignatures: path.signatures ?? [],
    ca: path.ca ? checkContentAddress(path.ca) : undefined,
    recipe: decodeChunkRecipe(new Uint8Array(Buffer.from(path.recipe, 'base64'))),
  }))
}

function wellFormed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new CacheError('bad-request', error.message, { cause: error })
  }
}

function parseName(baseName: string): Pick<Publication, 'storeHash' | 'storeName'> {
  const { hash, name } = parseBaseName(baseName)
  return { storeHash: hash, storeName: name }
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
