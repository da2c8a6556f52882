import { z } from 'zod'
import { CacheName } from './cache.ts'

const Permission = z.enum(['Read', 'Write'])
const day = 24 * 3600

/** `POST /api/v1/cache/NAME/oidc`: whom the cache trusts. */
export const CreateOidcRule = z.object({
  /** As in the `iss` claim. */
  issuer: z.string().max(500),
  /** As in the `aud` claim. */
  audience: z.string().min(1).max(500),
  /** By claim, what it must be: `*` stands for anything without `/` and `:`, `**` for anything. */
  claims: z.record(z.string().min(1).max(100), z.string().min(1).max(300)),
  permission: Permission.default('Write'),
  /** Of the tokens it gives, in seconds. */
  lifetime: z
    .int()
    .min(60, 'A token lives at least a minute.')
    .max(day, 'A token lives at most a day.')
    .default(3600),
})
export type CreateOidcRule = z.input<typeof CreateOidcRule>

export const OidcRuleInfo = CreateOidcRule.extend({
  id: z.int(),
  permission: Permission,
  lifetime: z.int(),
  /** ISO 8601. */
  createdAt: z.string(),
})
export type OidcRuleInfo = z.infer<typeof OidcRuleInfo>

/** Answer to `GET /api/v1/cache/NAME/oidc`: oldest first. */
export const OidcRuleInfos = z.array(OidcRuleInfo)

/** `POST /api/v1/oidc/token`. */
export const ExchangeIdentity = z.object({
  cache: CacheName,
  /** What the issuer gave: a signed JWT. */
  token: z.string().max(16_384, 'An identity token has at most 16,384 characters.'),
})
export type ExchangeIdentity = z.infer<typeof ExchangeIdentity>

/** The answer: a token for the cache. */
export const ExchangedToken = z.object({
  token: z.string(),
  permission: Permission,
  /** ISO 8601. */
  expiresAt: z.string(),
})
export type ExchangedToken = z.infer<typeof ExchangedToken>
