import { z } from 'zod'

/** What one request may publish. */
export const maxPaths = 1000

/** Signatures of one path. */
const maxOffered = 32

/** A store path to publish whose chunks are there. */
export const PathCreate = z.object({
  /** Base name. */
  storePath: z.string(),
  /** `sha256:` and 52 nix32 characters. */
  narHash: z.string(),
  /** Bytes. */
  narSize: z.int().positive(),
  /** Base names. */
  references: z.array(z.string()),
  /** Base name of the derivation. */
  deriver: z.string().nullish(),
  /** Base64 of the 64 bytes, without a key name; null where the service signs. */
  sig: z.string().nullish(),
  /** `key name:base64`: those that verify for a key the cache knows are kept, the others are not. */
  signatures: z.array(z.string()).max(maxOffered).optional(),
  ca: z.string().nullish(),
  /** Base64 of what the protocol's `encodeChunkRecipe` makes. */
  recipe: z.base64(),
})
export type PathCreate = z.infer<typeof PathCreate>

/** `POST /api/v1/cache/NAME/paths`: dependencies before what needs them. */
export const PathsCreate = z.object({ paths: z.array(PathCreate).max(maxPaths) })
export type PathsCreate = z.infer<typeof PathsCreate>

/** What became of one path. `missing-chunks` and `damaged`: ask for missing chunks again, send them and publish again. */
export const PathOutcome = z.object({
  outcome: z.enum(['published', 'already-there', 'failed']),
  code: z.string().optional(),
  message: z.string().optional(),
})
export type PathOutcome = z.infer<typeof PathOutcome>

/** The answer, in the order of the paths. */
export const PathOutcomes = z.object({ paths: z.array(PathOutcome) })
export type PathOutcomes = z.infer<typeof PathOutcomes>
