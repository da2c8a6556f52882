import { z } from 'zod'

/** How long a pin keeps what it names; null: every revision, for ever. */
export const PinKeep = z
  .union([
    z.object({ tag: z.enum(['Days', 'Revisions']), contents: z.int().positive() }),
    z.object({ tag: z.literal('Forever') }),
  ])
  .nullable()
export type PinKeep = z.infer<typeof PinKeep>

/** `POST /api/v1/cache/NAME/pin`: keep a path under a name. Names are the genuine client's. */
export const PinCreate = z.object({
  // oxlint-disable-next-line no-control-regex
  name: z.string().regex(/^[^\u0000-\u001f\u007f]{1,200}$/, 'The name of a pin has 1 to 200 characters.'),
  /** Full. */
  storePath: z.string(),
  /** Of files, relative to the path. */
  artifacts: z.array(z.string().min(1).max(4096)).max(100),
  keep: PinKeep,
})
export type PinCreate = z.infer<typeof PinCreate>

/** `GET /api/v1/cache/NAME/pin`. */
export const Pins = z.array(
  z.object({
    name: z.string(),
    /** As in ISO 8601. */
    createdOn: z.string(),
    keep: PinKeep,
    lastRevision: z.object({
      revision: z.int(),
      storePath: z.string(),
      createdOn: z.string(),
      artifacts: z.array(z.string()),
    }),
  }),
)
export type Pins = z.infer<typeof Pins>
