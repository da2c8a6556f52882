import { z } from 'zod'

/** How many paths are signed at once. */
export const maxSignatures = 1000

const Cursor = z.string().regex(/^[0-9a-df-np-sv-z]{0,32}$/, 'This is no store hash to go on from.')

/** `POST /api/v1/cache/NAME/keys/unsigned`: paths without a signature by the key of this name, from a store hash on. */
export const UnsignedQuery = z.object({ key: z.string(), after: Cursor })
export type UnsignedQuery = z.infer<typeof UnsignedQuery>

/** What is signed of a path. */
export const UnsignedPath = z.object({
  /** Full. */
  storePath: z.string(),
  narHash: z.string(),
  narSize: z.int(),
  /** Base names. */
  references: z.array(z.string()),
  /** `key name:base64`: by which its signer can tell that it is what somebody they trust has signed. */
  signatures: z.array(z.string()),
})
export type UnsignedPath = z.infer<typeof UnsignedPath>

/** At most `maxSignatures`, in the order of their store hashes; none: there are no more. */
export const UnsignedPaths = z.object({ paths: z.array(UnsignedPath) })
export type UnsignedPaths = z.infer<typeof UnsignedPaths>

/** `POST /api/v1/cache/NAME/keys/signatures`. */
export const NewSignatures = z.object({
  /** The name of the key that made them. */
  key: z.string(),
  signatures: z
    .array(
      z.object({
        storeHash: z.string(),
        /** Base64 of the 64 bytes. */
        sig: z.string(),
      }),
    )
    .max(maxSignatures),
})
export type NewSignatures = z.infer<typeof NewSignatures>

/** The answer, in their order. `gone`: no such path is visible. */
export const SignatureOutcomes = z.object({
  outcomes: z.array(z.enum(['added', 'already-there', 'gone', 'bad-signature'])),
})
export type SignatureOutcomes = z.infer<typeof SignatureOutcomes>

/** `POST /api/v1/cache/NAME/keys/sign`: the service signs some more paths with the active keys it keeps. */
export const SignQuery = z.object({ after: Cursor })
export type SignQuery = z.infer<typeof SignQuery>

/** `next`: where to go on; null when all paths are signed. */
export const Signed = z.object({ signed: z.int(), next: z.string().nullable() })
export type Signed = z.infer<typeof Signed>
