import { zstdCompressSync } from 'node:zlib'

import type { StoredListing } from '../../database/cache-database.ts'
import { blankListing } from '../listing-template.ts'

/** The form in which a listing is kept. `storeHashes`: those that the NAR may have in its names and symlinks. */
export function storedListing(text: string, storeHashes: ReadonlySet<string>): StoredListing {
  const { template, hashes } = blankListing(text, storeHashes)
  return { template: zstdCompressSync(template), hashes }
}
