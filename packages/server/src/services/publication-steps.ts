import { fingerprint, isContentAddressed } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, NewPath, PublishResult } from '../database/cache-database.ts'
import type { AssembledNar } from './assemble-path.ts'
import type { Publication } from './parse-publication.ts'
import { signaturesOf } from './signature-of.ts'
import type { CacheKeys } from './signature-of.ts'

/** Full. */
function storePathOf(cache: Cache, path: Publication): string {
  return `${cache.storeDir}/${path.storeHash}-${path.storeName}`
}

/** The signatures to publish a path with. Throws `bad-signature`. */
export async function signPath(keys: CacheKeys, path: Publication): Promise<string[]> {
  const storePath = storePathOf(keys.cache, path)
  const { ca, references } = path
  return signaturesOf(keys, {
    fingerprint: fingerprint({ ...path, storePath }),
    offered: path.signature,
    others: path.otherSignatures,
    isContentAddressed: ca !== undefined && (await isContentAddressed({ storePath, references, ca })),
  })
}

export function newPathOf(
  path: Publication,
  signatures: readonly string[],
  assembled: AssembledNar,
): NewPath {
  const { storeHash, storeName, references, deriver, ca } = path
  return { ...assembled, storeHash, storeName, references, deriver, ca, signatures }
}

/** `conflict` or `missing-references`; undefined if the path is visible now. */
export function failureOf(result: PublishResult, cache: Cache, path: Publication): CacheError | undefined {
  const storePath = storePathOf(cache, path)
  if (result.outcome === 'conflict') {
    const message = `${storePath} is in this cache already, with other contents (NAR hash ${result.narHash}). It stays as it is.`
    return new CacheError('conflict', message)
  }
  if (result.outcome === 'missing-references') {
    const message = `${storePath} needs paths that are not in this cache: ${someOf(result.references)}. Publish them first.`
    return new CacheError('missing-references', message)
  }
  return undefined
}

function someOf(baseNames: readonly string[]): string {
  const shown = baseNames.slice(0, 5).join(', ')
  return baseNames.length > 5 ? `${shown} and ${baseNames.length - 5} more` : shown
}
