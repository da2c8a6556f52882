import { z } from 'zod'

/** `POST /api/v1/cache/NAME/HASH.narinfo`: publish a store path whose NAR was uploaded. Field names are the genuine client's. */
export const NarInfoCreate = z.object({
  cStoreHash: z.string(),
  /** The name of the store path: what follows the hash and a hyphen. */
  cStoreSuffix: z.string(),
  /** `sha256:` and 52 nix32 characters. */
  cNarHash: z.string(),
  /** Bytes. */
  cNarSize: z.int().positive(),
  /** Lower-case hex SHA-256 of the uploaded file, without a prefix. */
  cFileHash: z.string(),
  /** Bytes. */
  cFileSize: z.int().positive(),
  /** Base names. */
  cReferences: z.array(z.string()),
  /** Base name of the derivation, or `unknown-deriver`. */
  cDeriver: z.string(),
  /** Base64 of the 64 bytes, without a key name; null where the service signs. */
  cSig: z.string().nullable(),
  cCa: z.string().nullish(),
})
export type NarInfoCreate = z.infer<typeof NarInfoCreate>
