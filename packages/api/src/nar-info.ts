import { z } from 'zod'

/** `GET /api/v1/cache/NAME/HASH.narinfo`, where JSON is accepted. */
export const NarInfoJson = z.object({
  /** Full. */
  storePath: z.string(),
  url: z.string(),
  compression: z.string(),
  fileHash: z.string(),
  fileSize: z.int(),
  narHash: z.string(),
  narSize: z.int(),
  /** Base names. */
  references: z.array(z.string()),
  deriver: z.string().nullable(),
  system: z.null(),
  /** The first signature. */
  sig: z.string().nullable(),
  /** All of them. */
  signatures: z.array(z.string()),
  ca: z.string().nullable(),
})
export type NarInfoJson = z.infer<typeof NarInfoJson>

/** `GET /api/v1/cache/NAME/nix-cache-info`, where JSON is accepted. */
export const CacheInfoJson = z.object({ storeDir: z.string(), wantMassQuery: z.int(), priority: z.int() })
export type CacheInfoJson = z.infer<typeof CacheInfoJson>
