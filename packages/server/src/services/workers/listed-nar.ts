import type { Nar } from '../../database/cache-database.ts'
import { CappedListing } from './capped-listing.ts'
import { findBuildIds } from './find-build-ids.ts'
import type { JobLimits } from './job-context.ts'
import { NarCheck } from './nar-check.ts'
import { storedListing } from './stored-listing.ts'

/** Takes a NAR in blocks of any size, checks that it is one, and lists what is in it. Throws `invalid-nar` and `too-large`. */
export class ListedNar {
  readonly #listing: CappedListing
  readonly #check: NarCheck

  constructor({ maxListingSize, maxNarSize }: JobLimits) {
    this.#listing = new CappedListing(maxListingSize)
    this.#check = new NarCheck(maxNarSize, this.#listing)
  }

  write(bytes: Uint8Array): void {
    this.#check.write(bytes)
  }

  /** `storeHashes`: those that the NAR may have in its names and symlinks. */
  end(storeHashes: readonly string[]): Pick<Nar, 'narHash' | 'narSize' | 'listing' | 'buildIds'> {
    const checked = this.#check.end()
    const tree = this.#listing.listing()
    return {
      ...checked,
      listing: storedListing(tree, new Set(storeHashes)),
      buildIds: tree === undefined ? [] : findBuildIds(tree),
    }
  }
}
