import type { NarInfoCreate } from '@cachix/api'
import { decodeRecipe, fingerprint } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase, Nar, PublishResult } from '../database/cache-database.ts'
import type { PackStore } from '../storage/pack-store.ts'
import { openRuns } from './open-runs.ts'
import { parsePublication } from './parse-publication.ts'
import type { Publication } from './parse-publication.ts'
import type { Seal } from './seal.ts'
import { signatureOf } from './signature-of.ts'

export interface PublishPathDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly seal: Seal
}

export interface PublishRequest {
  readonly cache: Cache
  readonly info: NarInfoCreate
}

/**
 * Makes a store path visible in a cache, once everything that was claimed about it has proved true. Throws
 * `bad-request`, `not-found` (no such NAR was sent), `hash-mismatch`, `bad-signature`, `missing-references`,
 * `conflict` and `damaged`; nothing has changed then.
 */
export async function publishPath(
  deps: PublishPathDeps,
  { cache, info }: PublishRequest,
): Promise<'published' | 'already-there'> {
  const path = parsePublication(info)
  const nar = await findNar(deps, cache, path)
  checkClaims(path, nar)
  const signature = await signatureOf(deps, cache, {
    fingerprint: fingerprint({ ...path, storePath: storePathOf(cache, path) }),
    offered: path.signature,
  })
  await openRuns(deps.packs, decodeRecipe(nar.recipe), nar)
  const result = await deps.database.paths.publish({ ...path, cacheId: cache.id, signatures: [signature] })
  return outcomeOf(result, storePathOf(cache, path))
}

async function findNar({ database }: PublishPathDeps, cache: Cache, { fileHash }: Publication): Promise<Nar> {
  const nar = await database.nars.findSent(cache.id, fileHash)
  if (nar !== undefined) return nar
  const message = `No NAR with the file hash ${fileHash} was uploaded to cache ${cache.name}. Upload it first.`
  throw new CacheError('not-found', message)
}

function checkClaims(path: Publication, nar: Nar): void {
  const claims = [
    ['NAR hash', path.narHash, nar.narHash],
    ['NAR size', path.narSize, nar.narSize],
    ['file size', path.fileSize, nar.fileSize],
  ] as const
  for (const [what, claimed, found] of claims) {
    if (claimed === found) continue
    const message = `The uploaded NAR does not have the ${what} claimed: it is ${found}, not ${claimed}.`
    throw new CacheError('hash-mismatch', message)
  }
}

function storePathOf(cache: Cache, path: Publication): string {
  return `${cache.storeDir}/${path.storeHash}-${path.storeName}`
}

function outcomeOf(result: PublishResult, storePath: string): 'published' | 'already-there' {
  if (result.outcome === 'conflict') {
    const message = `${storePath} is in this cache already, with other contents (NAR hash ${result.narHash}). It stays as it is.`
    throw new CacheError('conflict', message)
  }
  if (result.outcome === 'missing-references') {
    const message = `${storePath} needs paths that are not in this cache: ${someOf(result.references)}. Publish them first.`
    throw new CacheError('missing-references', message)
  }
  return result.outcome
}

function someOf(baseNames: readonly string[]): string {
  const shown = baseNames.slice(0, 5).join(', ')
  return baseNames.length > 5 ? `${shown} and ${baseNames.length - 5} more` : shown
}
