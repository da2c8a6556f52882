import { zstdCompressSync } from 'node:zlib'

import { renderListing } from '@cachix/protocol'
import type { Listing } from '@cachix/protocol'

import type { StoredListing } from '../../database/cache-database.ts'
import { blankListing } from '../listing-template.ts'

/**
 * The form in which a listing is kept; without one, an empty text. `storeHashes`: those that the NAR may have in its names
 * and symlinks.
 */
export function storedListing(listing: Listing | undefined, storeHashes: ReadonlySet<string>): StoredListing {
  const text = listing === undefined ? '' : renderListing(listing)
  const { template, hashes } = blankListing(text, storeHashes)
  return { template: zstdCompressSync(template), hashes }
}
