import { createHash } from 'node:crypto'

import { encodeChunkRecipe } from '@cachix/protocol'
import type { FilledChunk } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { CacheDatabase, Nar, StoredChunk } from '../database/cache-database.ts'
import type { PackStore } from '../storage/pack-store.ts'
import { isIntactPack } from './intact-pack.ts'
import type { MadeNars } from './made-nars.ts'
import { LocalPacks } from './local-packs.ts'
import type { NarPart } from './workers/assemble-nar.ts'
import type { NarWorkers } from './workers/nar-workers.ts'

export interface AssembleDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly workers: NarWorkers
  readonly madeNars: MadeNars
}

export interface Assembly {
  readonly recipe: readonly FilledChunk[]
  /** By name. Those that are not in it are unknown. */
  readonly chunks: ReadonlyMap<string, StoredChunk>
  /** What the recipe is said to make. */
  readonly narHash: string
  readonly narSize: number
  readonly signal: AbortSignal
}

export interface AssembledNar {
  readonly nar: Nar
  /** Names of the packs it needs. */
  readonly packs: readonly string[]
}

/**
 * The NAR that chunks make, verified. Throws `missing-chunks`, `hash-mismatch`, `invalid-nar`, `bad-request` and
 * `too-large`, and `damaged` if it is for what is stored that the NAR is not right: what is wrong is not used again.
 */
export async function assemblePath(deps: AssembleDeps, assembly: Assembly): Promise<AssembledNar> {
  const chunks = findChunks(assembly)
  const made = findMade(deps, assembly, chunks)
  if (made !== undefined) return made
  await using files = new LocalPacks(deps, assembly.signal)
  const parts = await Promise.all(
    chunks.map(async (chunk) => ({ ...chunk, path: await files.path(chunk.pack) })),
  )
  try {
    const nar = await deps.workers.run('assembleNar', { chunks: parts }, assembly.signal)
    checkNar(assembly, nar)
    return { nar, packs: [...new Set(chunks.map((chunk) => chunk.pack))] }
  } catch (error) {
    if (!(error instanceof CacheError) || error.code === 'too-large') throw error
    await rejectWrongChunks(deps, parts, assembly.signal)
    throw error
  }
}

/** The NAR, if it was made when its chunks came in and these are where they were then. */
function findMade(
  { madeNars }: AssembleDeps,
  { narHash, narSize, recipe }: Assembly,
  chunks: readonly Omit<NarPart, 'path'>[],
): AssembledNar | undefined {
  const made = madeNars.find(createHash('sha256').update(encodeChunkRecipe(recipe)).digest('hex'))
  if (made?.nar.narHash !== narHash || made.nar.narSize !== narSize) return undefined
  return chunks.every(({ pack }) => made.packs.includes(pack)) ? made : undefined
}

function findChunks({ recipe, chunks }: Assembly): Omit<NarPart, 'path'>[] {
  const missing = new Set(recipe.flatMap(({ name }) => (chunks.has(name) ? [] : [name])))
  if (missing.size > 0) {
    const [first] = missing
    const message = `${missing.size} chunks of this path are not there, ${first} among them. Push again to send them.`
    throw new CacheError('missing-chunks', message)
  }
  return recipe.flatMap(({ name, hashes }) => {
    const chunk = chunks.get(name)
    return chunk === undefined ? [] : [{ ...chunk, hashes }]
  })
}

function checkNar({ narHash, narSize }: Assembly, nar: Nar): void {
  if (nar.narHash === narHash && nar.narSize === narSize) return
  const message =
    `The chunks do not make the NAR claimed: it has hash ${nar.narHash} and ${nar.narSize} bytes, ` +
    `not ${narHash} and ${narSize}.`
  throw new CacheError('hash-mismatch', message)
}

/** Throws `damaged` if any of the frames is not what it should be. */
async function rejectWrongChunks(
  deps: AssembleDeps,
  parts: readonly NarPart[],
  signal: AbortSignal,
): Promise<void> {
  const wrong = new Set(await deps.workers.run('findWrongChunks', { chunks: parts }, signal))
  if (wrong.size === 0) return
  const packs = new Set(parts.filter(({ name }) => wrong.has(name)).map(({ pack }) => pack))
  for (const pack of packs) {
    if (!(await isIntactPack(deps.packs, pack, signal))) await deps.database.packs.markDamaged(pack)
  }
  // In a pack that is as it was sent, a frame must have been recorded wrongly.
  await deps.database.chunks.forget([...wrong])
  throw new CacheError(
    'damaged',
    `${wrong.size} stored chunks of this path are damaged. Push again to mend them.`,
  )
}
