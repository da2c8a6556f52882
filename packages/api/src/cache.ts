import { z } from 'zod'

import { Upstream } from './upstreams.ts'

/** Said to people whose name was refused. */
export const cacheNameRule =
  'A cache name has 1 to 50 characters, lower-case letters, digits and hyphens, and starts and ends with a letter or digit.'

export const CacheName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/, cacheNameRule)

/** `GET /api/v1/cache/NAME`. */
export const BinaryCache = z.object({
  name: z.string(),
  /** Where Nix finds the cache: `http://NAME.HOST`, no slash at the end. */
  uri: z.string(),
  isPublic: z.boolean(),
  /** `key name:base64`, oldest first. */
  publicSigningKeys: z.array(z.string()),
  /** The owner. The name is the genuine client's. */
  githubUsername: z.string(),
  permission: z.enum(['Read', 'Write', 'Admin']),
  preferredCompressionMethod: z.enum(['XZ', 'ZSTD']),
  /** Caches whose paths need not be in this one. */
  upstreams: z.array(Upstream).optional(),
})
export type BinaryCache = z.infer<typeof BinaryCache>

/** `POST /api/v1/cache/NAME`. */
export const CreateCache = z.object({
  isPublic: z.boolean(),
  /** True: the service makes and keeps the signing key. */
  generateSigningKey: z.boolean(),
  /** Base64 of the 32 bytes of an Ed25519 public key whose secret half stays with the caller. */
  publicSigningKey: z.string().optional(),
})
export type CreateCache = z.infer<typeof CreateCache>

/** `PATCH /api/v1/cache/NAME`. */
export const ChangeCache = z.object({ isPublic: z.boolean() })
export type ChangeCache = z.infer<typeof ChangeCache>

/** `POST /api/v1/cache/NAME/key`. */
export const SigningKeyBody = z.object({
  /** Base64 of the 32 bytes, no name. */
  publicKey: z.string(),
})
export type SigningKeyBody = z.infer<typeof SigningKeyBody>
