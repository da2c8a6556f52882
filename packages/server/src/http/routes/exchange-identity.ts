import { ExchangedToken, ExchangeIdentity } from '@cachix/api'
import { exchangeIdentity } from '../../services/oidc/exchange-identity.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'

const limit = 32 * 1024

/** `POST /oidc/token`. */
export const exchangeIdentityRoute: ApiRoute = {
  method: 'post',
  path: '/oidc/token',
  description: {
    path: '/oidc/token',
    summary: "Exchange an issuer's identity token for a token of a cache that trusts it",
    request: { body: json(ExchangeIdentity) },
    responses: { 200: { description: 'A token that expires soon', ...json(ExchangedToken) } },
  },
  async handle(deps, call) {
    const { cache: cacheName, token: identityToken } = await bodyOf(call, ExchangeIdentity, limit)
    const { rule, token, text } = await exchangeIdentity(deps, { cacheName, identityToken })
    deps.logger.info({ cache: cacheName, ruleId: rule.id, as: token.description }, 'identity exchanged')
    return jsonResponse({
      token: text,
      permission: rule.permission,
      expiresAt: new Date(token.expiresAt ?? 0).toISOString(),
    } satisfies ExchangedToken)
  },
}
