import { z } from 'zod'

/** A key of a cache. `retired`: nothing new is accepted with it, and readers are no longer told of it. */
export const CacheKey = z.object({
  name: z.string(),
  /** Base64 of the 32 bytes. */
  publicKey: z.string(),
  state: z.enum(['active', 'retired']),
  /** The service keeps the secret half and signs with it. */
  isManaged: z.boolean(),
  /** Milliseconds since the epoch. */
  createdAt: z.int(),
  retiredAt: z.int().nullable(),
  /** How many paths of the cache have no signature by this key. */
  unsignedPaths: z.int(),
})
export type CacheKey = z.infer<typeof CacheKey>

/** `GET /api/v1/cache/NAME/keys`: oldest first. */
export const CacheKeys = z.object({ keys: z.array(CacheKey) })
export type CacheKeys = z.infer<typeof CacheKeys>

/** `POST /api/v1/cache/NAME/keys`: one more key, made by the service or elsewhere. */
export const NewKey = z.union([
  z.object({
    /** Base64 of the 32 bytes, which is then named by the service, or `name:base64`. */
    publicKey: z.string(),
  }),
  z.object({ isManaged: z.literal(true) }),
])
export type NewKey = z.infer<typeof NewKey>

/** The answer: `name:base64`. */
export const AddedKey = z.object({ publicKey: z.string() })
export type AddedKey = z.infer<typeof AddedKey>

/** `POST /api/v1/cache/NAME/keys/retire`. `force`: also if paths have no signature by another active key. */
export const RetireKey = z.object({ name: z.string(), force: z.boolean().optional() })
export type RetireKey = z.infer<typeof RetireKey>
