import type { PinCreate } from '@cachix/api'
import { FormatError, parseStorePath } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { readListing } from './read-listing.ts'

interface PinDeps {
  readonly database: CacheDatabase
}

/**
 * Has a cache keep a path and all it refers to under a name. Whoever lost the answer may ask again. Throws `bad-request` if
 * the path is none or lacks one of the artifacts, and `not-found` if it is not in the cache.
 */
export async function pinPath(deps: PinDeps, cache: Cache, pin: PinCreate): Promise<void> {
  const { name, storePath, artifacts } = pin
  const storeHash = storeHashOf(cache, storePath)
  await checkArtifacts(deps, { cacheId: cache.id, storeHash }, pin)
  const keep = pin.keep ?? undefined
  if (await deps.database.pins.pin(cache.id, { name, storeHash, artifacts, keep })) return
  throw new CacheError('not-found', `${storePath} is not in cache ${cache.name}. Push it first.`)
}

function storeHashOf(cache: Cache, storePath: string): string {
  try {
    return parseStorePath(storePath, cache.storeDir).hash
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new CacheError('bad-request', error.message, { cause: error })
  }
}

/** What is too large to have a listing is taken at its word. */
async function checkArtifacts(
  deps: PinDeps,
  place: { readonly cacheId: number; readonly storeHash: string },
  { storePath, artifacts }: PinCreate,
): Promise<void> {
  const listing = artifacts.length === 0 ? undefined : await readListing(deps, place)
  if (listing === undefined) return
  const { root } = JSON.parse(Buffer.from(listing).toString()) as { root: ListedNode }
  const absent = artifacts.find((artifact) => !isFile(root, artifact))
  if (absent === undefined) return
  throw new CacheError('bad-request', `${storePath} has no file ${absent}.`)
}

interface ListedNode {
  readonly type: string
  readonly entries?: Readonly<Record<string, ListedNode>>
}

/** Links count: where they lead may be in another path. */
function isFile(root: ListedNode, path: string): boolean {
  let node: ListedNode | undefined = root
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (node?.type === 'symlink') return true
    node = node?.entries && Object.hasOwn(node.entries, name) ? node.entries[name] : undefined
  }
  return node !== undefined && node.type !== 'directory'
}
