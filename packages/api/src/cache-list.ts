import { z } from 'zod'

/** `GET /api/v1/cache`: the caches of whoever asks. */
export const CacheList = z.array(
  z.object({
    name: z.string(),
    uri: z.string(),
    publicSigningKeys: z.array(z.string()),
    isPublic: z.boolean(),
    /** Bytes of all NARs, compressed. */
    totalFileSize: z.int(),
  }),
)
export type CacheList = z.infer<typeof CacheList>
