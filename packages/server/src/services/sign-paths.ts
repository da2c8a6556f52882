import { maxSignatures } from '@cachix/api'
import type { Signed } from '@cachix/api'
import { fingerprint, sign } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { mapSome } from './map-some.ts'
import type { Seal } from './seal.ts'
import { isActive, secretHalf } from './signing-key.ts'

export interface SignPathsDeps {
  readonly database: CacheDatabase
  readonly seal: Seal
}

const signedAtOnce = 8

/**
 * Signs some more of the paths that lack a signature by one of the active keys the service keeps. Throws `bad-request` if
 * it keeps none.
 */
export async function signPaths(deps: SignPathsDeps, cache: Cache, after: string): Promise<Signed> {
  const { database, seal } = deps
  const keys = (await database.keys.list(cache.id)).filter(isActive)
  const secrets = keys.flatMap((key) => secretHalf(key, seal) ?? [])
  if (secrets.length === 0) {
    throw new CacheError('bad-request', `The service keeps no active signing key of cache ${cache.name}.`)
  }
  let signed = 0
  let last: string | undefined
  for (const secret of secrets) {
    const page = { after, limit: maxSignatures }
    const paths = await database.signatures.without(cache.id, [secret.name], page)
    const additions = await mapSome(paths, signedAtOnce, async (path) => {
      const storePath = `${cache.storeDir}/${path.storeHash}-${path.storeName}`
      return { ...path, signatures: [await sign(secret, fingerprint({ ...path, storePath }))] }
    })
    const outcomes = await database.signatures.add(cache.id, additions)
    signed += outcomes.filter((outcome) => outcome === 'added').length
    last = earliest(last, paths.length < maxSignatures ? undefined : paths.at(-1)?.storeHash)
  }
  return { signed, next: last ?? null }
}

/** Where every key has got to; undefined: it is done. */
function earliest(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one < other ? one : other
}
