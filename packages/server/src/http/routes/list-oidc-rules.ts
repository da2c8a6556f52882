import { OidcRuleInfos } from '@cachix/api'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { oidcRuleInfo } from '../oidc-rule-info.ts'

/** `GET /cache/NAME/oidc`. */
export const listOidcRulesRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/oidc',
  description: {
    path: '/cache/{name}/oidc',
    summary: 'Whose identities the cache trusts',
    responses: { 200: { description: 'Oldest first', ...json(OidcRuleInfos) } },
  },
  async handle(deps, { request, param }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Admin' })
    return jsonResponse((await deps.database.oidcRules.list(cache.id)).map(oidcRuleInfo))
  },
}
