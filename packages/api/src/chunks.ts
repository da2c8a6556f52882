import { z } from 'zod'

/** What one question may ask about. */
export const maxChunkNames = 32_768

const ChunkName = z.string().regex(/^[0-9a-f]{64}$/, 'The name of a chunk is a SHA-256 in lower-case hex.')

/** `POST /api/v1/cache/NAME/chunks/missing`: the names of chunks. */
export const ChunkQuery = z.array(ChunkName).max(maxChunkNames)
export type ChunkQuery = z.infer<typeof ChunkQuery>

/** The answer: those that the service lacks, or that the sender may not know to be there. */
export const ChunkNames = z.array(z.string())
export type ChunkNames = z.infer<typeof ChunkNames>

/** Answer to `POST /api/v1/cache/NAME/bundles`: how many chunks of the bundle were new, and how many were not. */
export const BundleReceipt = z.object({
  stored: z.int(),
  known: z.int(),
})
export type BundleReceipt = z.infer<typeof BundleReceipt>
