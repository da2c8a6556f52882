import type { OidcRuleInfo } from '@cachix/api'
import { printable } from '../../service/explain-failure.ts'

/** Whom a rule means, in words. */
export function describeRule({ issuer, audience, claims }: OidcRuleInfo): string {
  return printable(`${describeClaims(claims)} of ${issuer}, for ${audience}`)
}

export function describeClaims(claims: OidcRuleInfo['claims']): string {
  return Object.entries(claims)
    .map(([claim, pattern]) => `${claim}=${pattern}`)
    .join(' ')
}
