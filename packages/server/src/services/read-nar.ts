import { decodeRecipe, recipeSize, sliceRecipe } from '@cachix/protocol'
import type { Patch, Recipe } from '@cachix/protocol'

import { assembledFile } from './assembled-file.ts'
import type { AssembledFileDeps, NarFile } from './assembled-file.ts'
import { damaged, openRuns } from './open-runs.ts'
import type { OpenRun } from './open-runs.ts'
import { PatchLayer } from './patch-layer.ts'

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
  /** Throws `damaged` if a pack it needs is gone or not as it was stored. */
  check(): Promise<void>
  /** Bytes `start` up to but not including `end`. Throws `damaged` if a pack they need is gone or not as it was stored. */
  read(start: number, end: number): Promise<NarBytes>
}

export type NarBytes =
  /** Bytes `start` up to but not including `end` of a file on this machine. */
  | { readonly kind: 'file'; readonly path: string; readonly start: number; readonly end: number }
  /** A few of them. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Where there is no room for a file. Fails rather than end early. Nothing is opened before the first byte is asked for. */
  | { readonly kind: 'blocks'; readonly blocks: AsyncIterable<Uint8Array> }

/** What is not in one file leaves from memory up to here: no more than the kernel takes for a connection anyway. */
const mostInMemory = 64 * 1024
/** What is in one file does so up to here: the runtimes take longer to open, send and close a file. */
const mostReadFromFile = 16 * 1024

/** The served file of a NAR that a visible path of the cache has; undefined if there is none. */
export async function readNar(
  deps: AssembledFileDeps,
  { cacheName, fileHash }: NarRequest,
): Promise<ReadableNar | undefined> {
  const nar = await deps.database.nars.findPublished(cacheName, fileHash)
  if (nar === undefined) return undefined
  const { cacheId, isPublic, fileSize } = nar
  return {
    cacheId,
    isPublic,
    fileSize,
    async check() {
      await openRuns(deps, decodeRecipe(nar.recipe))
    },
    read(start, end) {
      return readPart(deps, { fileHash, fileSize, recipe: decodeRecipe(nar.recipe) }, { start, end })
    },
  }
}

/** A part of what a recipe makes up. Throws `damaged`. */
export async function readPart(
  deps: AssembledFileDeps,
  nar: NarFile,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<NarBytes> {
  const part = sliceRecipe(nar.recipe, start, end)
  const asItLies = await readAsItLies(deps, part)
  if (asItLies !== undefined) return asItLies
  // What was opened is let go of before: a thousand readers may wait for the same file.
  const path = await assembledFile(deps, nar)
  if (path !== undefined) return { kind: 'file', path, start, end }
  return { kind: 'blocks', blocks: layOver(concatenate(deps, await openRuns(deps, part)), part.patches) }
}

/** Undefined where a file has to be put together. */
async function readAsItLies(deps: AssembledFileDeps, part: Recipe): Promise<NarBytes | undefined> {
  const size = recipeSize(part)
  const runs = await openRuns(deps, part)
  const file = fileOf(runs, part.patches)
  if (file !== undefined && size > mostReadFromFile) return file
  return size > mostInMemory ? undefined : { kind: 'bytes', bytes: await collect(deps, runs, part) }
}

/** Where all of it lies in one file as it is. */
function fileOf(runs: readonly OpenRun[], patches: readonly Patch[]): NarBytes | undefined {
  const [first, ...others] = runs
  if (first?.pack.path === undefined || others.length > 0 || patches.length > 0) return undefined
  return { kind: 'file', path: first.pack.path, start: first.start, end: first.end }
}

async function collect(
  deps: AssembledFileDeps,
  runs: readonly OpenRun[],
  part: Recipe,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(recipeSize(part))
  let position = 0
  for (const { name, pack, start, end } of runs) {
    const piece = await pack.readFew(start, end)
    if (piece.length < end - start) throw await damaged(deps, name)
    bytes.set(piece, position)
    position += piece.length
  }
  new PatchLayer(part.patches).lay(bytes)
  return bytes
}

async function* concatenate(deps: AssembledFileDeps, runs: readonly OpenRun[]): AsyncGenerator<Uint8Array> {
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
