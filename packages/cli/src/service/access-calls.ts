import {
  CreatedToken,
  ExchangedToken,
  OidcRuleInfo,
  OidcRuleInfos,
  TokenInfos,
  type CreateOidcRule,
  type CreateToken,
  type ExchangeIdentity,
} from '@cachix/api'
import type { ServiceClient } from './service-client.ts'

/** What the service is asked about who may do what. Each throws ServiceError. */

export function listTokens(client: ServiceClient): Promise<TokenInfos> {
  return client.ask(TokenInfos, { method: 'GET', path: '/token' })
}

export function createToken(client: ServiceClient, json: CreateToken): Promise<CreatedToken> {
  return client.ask(CreatedToken, { method: 'POST', path: '/token', json })
}

export function revokeToken(client: ServiceClient, id: number): Promise<void> {
  return client.tell({ method: 'DELETE', path: `/token/${id}` })
}

export function setVisibility(client: ServiceClient, cacheName: string, isPublic: boolean): Promise<void> {
  return client.tell({ method: 'PATCH', path: cachePath(cacheName), json: { isPublic } })
}

/** With all that is in it. */
export function deleteCache(client: ServiceClient, cacheName: string): Promise<void> {
  return client.tell({ method: 'DELETE', path: cachePath(cacheName), takesLong: true })
}

export function listOidcRules(client: ServiceClient, cacheName: string): Promise<readonly OidcRuleInfo[]> {
  return client.ask(OidcRuleInfos, { method: 'GET', path: `${cachePath(cacheName)}/oidc` })
}

export function addOidcRule(
  client: ServiceClient,
  cacheName: string,
  json: CreateOidcRule,
): Promise<OidcRuleInfo> {
  return client.ask(OidcRuleInfo, { method: 'POST', path: `${cachePath(cacheName)}/oidc`, json })
}

export function removeOidcRule(client: ServiceClient, cacheName: string, id: number): Promise<void> {
  return client.tell({ method: 'DELETE', path: `${cachePath(cacheName)}/oidc/${id}` })
}

export function exchangeIdentity(client: ServiceClient, json: ExchangeIdentity): Promise<ExchangedToken> {
  return client.ask(ExchangedToken, { method: 'POST', path: '/oidc/token', json })
}

function cachePath(name: string): string {
  return `/cache/${encodeURIComponent(name)}`
}
