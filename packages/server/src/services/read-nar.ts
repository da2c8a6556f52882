import { decodeRecipe, sliceRecipe } from '@cachix/protocol'
import type { Patch, Recipe } from '@cachix/protocol'

import type { CacheDatabase } from '../database/cache-database.ts'
import type { PackStore } from '../storage/pack-store.ts'
import { damaged, openRuns } from './open-runs.ts'
import type { OpenRun } from './open-runs.ts'
import { PatchLayer } from './patch-layer.ts'

export interface ReadNarDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
}

export interface NarRequest {
  readonly cacheName: string
  /** Lower-case hex SHA-256 of the served file. */
  readonly fileHash: string
}

/** Whether the reader may have it is for the caller to find out, before the first `read`. */
export interface ReadableNar {
  readonly cacheId: number
  readonly isPublic: boolean
  /** Bytes. */
  readonly fileSize: number
  /** Bytes `start` up to but not including `end`. Throws `damaged` if a pack it needs is gone or cut short. */
  read(start: number, end: number): Promise<NarBytes>
}

export type NarBytes =
  /** Bytes `start` up to but not including `end` of a file on this machine. */
  | { readonly kind: 'file'; readonly path: string; readonly start: number; readonly end: number }
  /** Fails rather than end early. Nothing is opened before the first byte is asked for. */
  | { readonly kind: 'blocks'; readonly blocks: AsyncIterable<Uint8Array> }

/** The served file of a NAR that a visible path of the cache has; undefined if there is none. */
export async function readNar(
  deps: ReadNarDeps,
  { cacheName, fileHash }: NarRequest,
): Promise<ReadableNar | undefined> {
  const nar = await deps.database.nars.findPublished(cacheName, fileHash)
  if (nar === undefined) return undefined
  const { cacheId, isPublic, fileSize } = nar
  return {
    cacheId,
    isPublic,
    fileSize,
    read: (start, end) => readRecipe(deps, sliceRecipe(decodeRecipe(nar.recipe), start, end)),
  }
}

/** All that a recipe, or a part of one, makes up. Throws `damaged` if a pack it needs is gone or cut short. */
export async function readRecipe(deps: ReadNarDeps, recipe: Recipe): Promise<NarBytes> {
  return bytesOf(deps, await openRuns(deps, recipe), recipe.patches)
}

function bytesOf(deps: ReadNarDeps, runs: readonly OpenRun[], patches: readonly Patch[]): NarBytes {
  const [first, ...others] = runs
  if (first?.pack.path !== undefined && others.length === 0 && patches.length === 0) {
    return { kind: 'file', path: first.pack.path, start: first.start, end: first.end }
  }
  return { kind: 'blocks', blocks: layOver(concatenate(deps, runs), patches) }
}

async function* concatenate(deps: ReadNarDeps, runs: readonly OpenRun[]): AsyncGenerator<Uint8Array> {
  for (const { name, pack, start, end } of runs) {
    let left = end - start
    for await (const block of pack.read(start, end)) {
      left -= block.length
      yield block
    }
    if (left !== 0) throw await damaged(deps, name)
  }
}

async function* layOver(
  blocks: AsyncIterable<Uint8Array>,
  patches: readonly Patch[],
): AsyncGenerator<Uint8Array> {
  const layer = new PatchLayer(patches)
  for await (const block of blocks) {
    layer.lay(block)
    yield block
  }
}
