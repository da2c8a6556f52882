import { z } from 'zod'

/** What one question may ask about. */
export const maxChunkNames = 32_768

const ChunkName = z.string().regex(/^[0-9a-f]{64}$/, 'The name of a chunk is 64 lower-case hex digits.')

/** `POST /api/v1/cache/NAME/chunks/missing`: the chunks asked about. */
export const MissingChunksQuery = z.array(ChunkName).max(maxChunkNames)
export type MissingChunksQuery = z.infer<typeof MissingChunksQuery>

/** The answer: those that are missing. */
export const ChunkNames = z.array(z.string())
export type ChunkNames = z.infer<typeof ChunkNames>

/** Answer to `POST /api/v1/cache/NAME/bundles`: how many chunks of the bundle were new to the cache, and how many not. */
export const ReceivedBundle = z.object({ stored: z.int(), known: z.int() })
export type ReceivedBundle = z.infer<typeof ReceivedBundle>
