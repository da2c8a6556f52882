import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'

import type { CacheDatabase } from '../database/cache-database.ts'
import { fillListing } from './listing-template.ts'

export interface ListingRequest {
  readonly cacheId: number
  /** 32 nix32 characters. */
  readonly storeHash: string
}

const decompress = promisify(zstdDecompress)

/** The `.ls` of a visible path, JSON; undefined if the path is not there or its listing was too large to keep. */
export async function readListing(
  { database }: { readonly database: CacheDatabase },
  { cacheId, storeHash }: ListingRequest,
): Promise<Uint8Array | undefined> {
  const stored = await database.paths.listing(cacheId, storeHash)
  if (stored === undefined) return undefined
  const template = await decompress(stored.template)
  if (template.length === 0) return undefined
  return Buffer.from(fillListing({ template: template.toString(), hashes: stored.hashes }))
}
