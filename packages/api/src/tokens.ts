import { z } from 'zod'
import { CacheName } from './cache.ts'

const Permission = z.enum(['Read', 'Write', 'Admin'])

/** What people tell a token by. Also sent in headers, and printed. */
const Description = z
  .string()
  .max(200, 'A description has at most 200 characters.')
  .regex(/^\P{C}*$/u, 'A description is one line of text.')

const year = 365 * 24 * 3600

/** `POST /api/v1/token`. Without a cache: a personal token, which may do everything its account may. */
export const CreateToken = z
  .object({
    description: Description.default(''),
    cache: CacheName.optional(),
    permission: Permission.optional(),
    /** Seconds; without it the token does not expire. */
    lifetime: z
      .int()
      .positive()
      .max(10 * year, 'A token lives at most ten years; leave out the lifetime for longer.')
      .optional(),
  })
  .refine(
    ({ cache, permission }) => (cache === undefined) === (permission === undefined),
    'A token for one cache needs cache and permission; a personal one has neither.',
  )
export type CreateToken = z.input<typeof CreateToken>

/** A token, without its text. Times are ISO 8601. */
export const TokenInfo = z.object({
  id: z.int(),
  description: z.string(),
  /** The one cache it is for, and what it may do there; null: a personal one. */
  cache: z.string().nullable(),
  permission: Permission.nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  /** Accurate to an hour. */
  lastUsedAt: z.string().nullable(),
})
export type TokenInfo = z.infer<typeof TokenInfo>

/** Answer to `GET /api/v1/token`: newest first. */
export const TokenInfos = z.array(TokenInfo)
export type TokenInfos = z.infer<typeof TokenInfos>

/** Answer to `POST /api/v1/token`: the only time that the text is told. */
export const CreatedToken = TokenInfo.extend({ token: z.string() })
export type CreatedToken = z.infer<typeof CreatedToken>
