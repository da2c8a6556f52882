import type { PathCreate, PathOutcome } from '@cachix/api'

import { CacheError } from '../cache-error.ts'
import type { Cache, ChunkReader, NewPath, PublishResult, StoredChunk } from '../database/cache-database.ts'
import { assemblePath } from './assemble-path.ts'
import type { Assembly } from './assemble-path.ts'
import { mapSome } from './map-some.ts'
import { parseChunkPublication } from './parse-publication.ts'
import type { ChunkPublication, Publication } from './parse-publication.ts'
import { failureOf, newPathOf, signPath } from './publication-steps.ts'
import type { PublishPathDeps } from './publish-upload.ts'
import { readCacheKeys } from './signature-of.ts'
import type { CacheKeys } from './signature-of.ts'

export interface PublishPathsRequest {
  readonly cache: Cache
  /** On whose chunks the paths may build. */
  readonly reader: ChunkReader
  /** Dependencies before what needs them. */
  readonly paths: readonly PathCreate[]
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal
}

/** Enough to keep the worker threads busy; each has its recipe in memory. */
const preparedAtOnce = 8

/**
 * Makes store paths visible in a cache, each once everything that was claimed about it has proved true. What became of
 * each is in the answer, in the same order; one that fails takes with it those that need it and no others. Throws only
 * what is not about any one path, and nothing that can be seen has changed then.
 */
export async function publishPaths(
  deps: PublishPathDeps,
  request: PublishPathsRequest,
): Promise<PathOutcome[]> {
  const { cache } = request
  const parsed = request.paths.map(parse)
  const chunks = await findChunks(deps, request, parsed)
  const keys = await readCacheKeys(deps, cache)
  const prepared = await mapSome(parsed, preparedAtOnce, async (path) =>
    'outcome' in path ? path : prepare(deps, request, { ...path, chunks, keys }).catch(failedOrThrow),
  )
  const ready = prepared.filter((path) => 'newPath' in path)
  await deps.database.chunks.hold(cache.id, [...new Set(ready.flatMap((path) => path.chunkNames))])
  const newPaths = ready.map((path) => path.newPath)
  const results = (await deps.database.paths.publish(cache.id, newPaths)).values()
  return prepared.map((path) => ('newPath' in path ? outcomeOf(results.next().value, cache, path) : path))
}

interface PreparedPath {
  readonly publication: Publication
  readonly newPath: NewPath
  readonly chunkNames: readonly string[]
}

interface ParsedPath {
  readonly publication: ChunkPublication
  readonly chunkNames: readonly string[]
}

interface PathToPrepare extends ParsedPath, Pick<Assembly, 'chunks'> {
  readonly keys: CacheKeys
}

function parse(path: PathCreate): ParsedPath | PathOutcome {
  try {
    const publication = parseChunkPublication(path)
    return { publication, chunkNames: publication.recipe.map((chunk) => chunk.name) }
  } catch (error) {
    return failedOrThrow(error)
  }
}

/** By name. */
async function findChunks(
  { database }: PublishPathDeps,
  { reader }: PublishPathsRequest,
  paths: readonly (ParsedPath | PathOutcome)[],
): Promise<ReadonlyMap<string, StoredChunk>> {
  const names = paths.flatMap((path) => ('outcome' in path ? [] : path.chunkNames))
  const found = await database.chunks.find(reader, [...new Set(names)])
  return new Map(found.map((chunk) => [chunk.name, chunk]))
}

async function prepare(
  deps: PublishPathDeps,
  { signal }: PublishPathsRequest,
  { publication, chunkNames, chunks, keys }: PathToPrepare,
): Promise<PreparedPath> {
  const signatures = await signPath(keys, publication)
  const assembled = await assemblePath(deps, { ...publication, chunks, signal })
  return { publication, newPath: newPathOf(publication, signatures, assembled), chunkNames }
}

function outcomeOf(
  result: PublishResult | undefined,
  cache: Cache,
  { publication }: PreparedPath,
): PathOutcome {
  if (result === undefined) throw new Error('The database did not say what became of a path.')
  const failure = failureOf(result, cache, publication)
  return failure === undefined
    ? { outcome: result.outcome as 'published' | 'already-there' }
    : failed(failure)
}

function failedOrThrow(error: unknown): PathOutcome {
  if (error instanceof CacheError) return failed(error)
  throw error
}

function failed({ code, message }: CacheError): PathOutcome {
  return { outcome: 'failed', code, message }
}
