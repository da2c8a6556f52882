import type { NewSignatures, SignatureOutcomes } from '@cachix/api'
import { fingerprint, verify } from '@cachix/protocol'

import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { SignedPath } from '../database/signature-table.ts'
import { findActiveKey } from './find-unsigned.ts'
import { mapSome } from './map-some.ts'
import { publicHalf } from './signing-key.ts'

type Outcome = SignatureOutcomes['outcomes'][number]

const checkedAtOnce = 8

/** Adds signatures by an active key to paths that are visible, each once it has proved right. Throws `not-found`. */
export async function addSignatures(
  { database }: { readonly database: CacheDatabase },
  cache: Cache,
  { key, signatures }: NewSignatures,
): Promise<Outcome[]> {
  const publicKey = publicHalf(await findActiveKey(database, cache, key))
  const checked = await mapSome(
    signatures,
    checkedAtOnce,
    async ({ storeHash, sig }): Promise<SignedPath | Outcome> => {
      const path = await database.paths.find(cache.id, storeHash)
      if (path === undefined) return 'gone'
      const storePath = `${cache.storeDir}/${storeHash}-${path.storeName}`
      const signature = `${key}:${sig}`
      const isRight = await verify(publicKey, fingerprint({ ...path, storePath }), signature)
      return isRight ? { ...path, signatures: [signature] } : 'bad-signature'
    },
  )
  const right = checked.filter((each) => typeof each !== 'string')
  const added = (await database.signatures.add(cache.id, right)).values()
  return checked.map((each) => (typeof each === 'string' ? each : (added.next().value ?? 'gone')))
}
