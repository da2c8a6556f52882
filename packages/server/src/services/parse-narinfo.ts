import { FormatError, parseNarInfo, parseStorePath, sha256ToHex } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Publication } from './parse-publication.ts'
import { parseNarFile } from './nar-file-name.ts'

/** What a narinfo that a client sent says. */
export interface NarinfoPublication extends Publication {
  /** Lower-case hex; of the file at its `URL`, whose name it is. */
  readonly fileHash: string
  readonly fileSize: number | undefined
  readonly compression: string
}

/** Throws `bad-request`. */
export function parseNarinfoPublication(text: string, storeDir: string): NarinfoPublication {
  try {
    const { storePath, url, fileHash, ...info } = parseNarInfo(text, storeDir)
    const { hash, name } = parseStorePath(storePath, storeDir)
    return {
      ...info,
      storeHash: hash,
      storeName: name,
      fileHash: fileHashOf(url, fileHash),
      fileSize: info.fileSize,
      deriver: info.deriver,
      signature: undefined,
      otherSignatures: info.signatures,
      ca: info.ca,
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new CacheError('bad-request', error.message, { cause: error })
  }
}

function fileHashOf(url: string, claimed: string | undefined): string {
  const named = url.startsWith('nar/') ? parseNarFile(url.slice('nar/'.length))?.fileHash : undefined
  if (named === undefined) {
    const message = `The URL of this narinfo is not nar/HASH.nar… with the hash of a file that was uploaded: "${url.slice(0, 200)}".`
    throw new CacheError('bad-request', message)
  }
  if (claimed !== undefined && sha256ToHex(claimed) !== named) {
    throw new CacheError('bad-request', 'The FileHash of this narinfo is not the hash in its URL.')
  }
  return named
}
