import type { CacheDatabase, ChunkReader } from '../database/cache-database.ts'
import type { NarWorkers } from './workers/nar-workers.ts'

export interface MissingChunksRequest {
  readonly reader: ChunkReader
  /** Any number, lower-case hex SHA-256 each. */
  readonly names: readonly string[]
}

export interface MissingChunksDeps {
  readonly database: CacheDatabase
  readonly workers: NarWorkers
}

/**
 * Those of the chunks that a push would have to send, in the order given; the others stay for a while. What checks chunks
 * is made ready meanwhile.
 */
export async function findMissingChunks(
  { database, workers }: MissingChunksDeps,
  { reader, names }: MissingChunksRequest,
): Promise<readonly string[]> {
  const missing = await database.chunks.missing(reader, names)
  if (missing.length > 0) workers.prepare('packChunks')
  return missing
}
