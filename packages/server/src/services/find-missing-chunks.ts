import type { CacheDatabase, ChunkReader } from '../database/cache-database.ts'

export interface MissingChunksRequest {
  readonly reader: ChunkReader
  /** Any number, lower-case hex SHA-256 each. */
  readonly names: readonly string[]
}

/** Those of the chunks that a push would have to send, in the order given; the others stay for a while. */
export async function findMissingChunks(
  { database }: { readonly database: CacheDatabase },
  { reader, names }: MissingChunksRequest,
): Promise<readonly string[]> {
  return database.chunks.missing(reader, names)
}
