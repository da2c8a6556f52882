import { z } from 'zod'

/** What one request may publish. */
export const maxPublications = 1000

/** A store path whose chunks the service has. */
export const Publication = z.object({
  /** Base name. */
  storePath: z.string(),
  /** `sha256:` and 52 nix32 characters. */
  narHash: z.string(),
  /** Bytes. */
  narSize: z.int().positive(),
  /** Base names. */
  references: z.array(z.string()),
  /** Base name. */
  deriver: z.string().optional(),
  /** Base64 of the 64 bytes, without a key name; absent where the service signs. */
  sig: z.string().optional(),
  ca: z.string().optional(),
  /** Base64 of a chunk recipe: the chunks of the NAR, in order, and what fills their holes. */
  recipe: z.base64(),
})
export type Publication = z.infer<typeof Publication>

/** `POST /api/v1/cache/NAME/paths`: each store path after those it refers to. */
export const Publications = z.object({ paths: z.array(Publication).max(maxPublications) })
export type Publications = z.infer<typeof Publications>

/** What became of a store path. */
export const Verdict = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['published', 'already-there']) }),
  z.object({
    outcome: z.literal('failed'),
    /** For programs. */
    code: z.string(),
    /** A sentence, for people. */
    message: z.string(),
  }),
])
export type Verdict = z.infer<typeof Verdict>

/** The answer: a verdict for each store path, in their order. */
export const Verdicts = z.object({ verdicts: z.array(Verdict) })
export type Verdicts = z.infer<typeof Verdicts>
