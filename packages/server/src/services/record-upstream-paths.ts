import type { UpstreamPaths } from '@cachix/api'
import { canonicalSha256, fingerprint, FormatError, parseBaseName, parsePublicKey } from '@cachix/protocol'
import type { PublicKey } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { UpstreamPath } from '../database/upstream-table.ts'
import { mapSome } from './map-some.ts'
import { verified } from './signature-of.ts'

type OfferedPath = UpstreamPaths['paths'][number]

const checkedAtOnce = 8

/**
 * Notes paths that upstreams of a cache have, so that others may refer to them: that an upstream has signed a path says
 * that it has it. Gives for each whether that is so. Throws `bad-request`.
 */
export async function recordUpstreamPaths(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
  paths: readonly OfferedPath[],
): Promise<boolean[]> {
  const declared = await database.upstreams.list(cache.id)
  const upstreams = declared.map(({ id, publicKeys }) => ({ id, keys: publicKeys.map(parsePublicKey) }))
  const found = await mapSome(paths, checkedAtOnce, (path) => findUpstream(upstreams, cache, path))
  const known = found.filter((each) => each !== undefined)
  if (known.length > 0) await database.upstreams.recordPaths(cache.id, known)
  return found.map((each) => each !== undefined)
}

interface UpstreamKeys {
  readonly id: number
  readonly keys: readonly PublicKey[]
}

async function findUpstream(
  upstreams: readonly UpstreamKeys[],
  cache: Cache,
  path: OfferedPath,
): Promise<UpstreamPath | undefined> {
  const { hash, name, text } = parsed(cache, path)
  for (const { id, keys } of upstreams) {
    const [signature] = await verified(keys, { fingerprint: text, others: path.signatures })
    if (signature !== undefined) return { upstreamId: id, storeHash: hash, storeName: name }
  }
  return undefined
}

function parsed(cache: Cache, path: OfferedPath) {
  try {
    for (const reference of path.references) parseBaseName(reference)
    const narHash = canonicalSha256(path.narHash)
    const storePath = `${cache.storeDir}/${path.storePath}`
    return { ...parseBaseName(path.storePath), text: fingerprint({ ...path, narHash, storePath }) }
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    throw new CacheError('bad-request', cause.message, { cause })
  }
}
