import type { OidcRuleInfo } from '@cachix/api'
import type { OidcRule } from '../database/oidc-rule-table.ts'

/** A rule as the API tells of it. */
export function oidcRuleInfo({ id, issuer, audience, claims, permission, ...times }: OidcRule): OidcRuleInfo {
  const lifetime = times.lifetimeMs / 1000
  const createdAt = new Date(times.createdAt).toISOString()
  return { id, issuer, audience, claims, permission, lifetime, createdAt }
}
