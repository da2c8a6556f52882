import type { Cache, ChunkReader } from '../database/cache-database.ts'
import { chunkReaderOf } from '../services/authorize.ts'
import type { ApiCall } from './api-route.ts'
import { accessCache } from './cache-access.ts'
import type { HttpDeps } from './http-deps.ts'
import { requireIdentity } from './visitor.ts'

/** A cache that the sender of a request may write to. */
export interface WriteAccess {
  readonly cache: Cache
  /** On whose chunks the sender may build. */
  readonly reader: ChunkReader
}

/** Throws `not-authorized` and `not-found`. */
export async function accessToWrite(deps: HttpDeps, { request, param }: ApiCall): Promise<WriteAccess> {
  const { cache, visitor } = await accessCache(deps, request, { name: param('name'), needed: 'Write' })
  return { cache, reader: chunkReaderOf(requireIdentity(visitor), cache) }
}
