import { CreateOidcRule, OidcRuleInfo } from '@cachix/api'
import { CacheError } from '../../cache-error.ts'
import { checkRule } from '../../services/oidc/check-rule.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { oidcRuleInfo } from '../oidc-rule-info.ts'

const maxRules = 100

/** `POST /cache/NAME/oidc`. */
export const addOidcRuleRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/oidc',
  description: {
    path: '/cache/{name}/oidc',
    summary: 'Trust identities of an issuer',
    request: { body: json(CreateOidcRule) },
    responses: { 200: { description: 'The rule', ...json(OidcRuleInfo) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Admin' })
    const { lifetime, ...rule } = await bodyOf(call, CreateOidcRule)
    checkRule(rule, deps.issuerKeys.options)
    if ((await deps.database.oidcRules.list(cache.id)).length >= maxRules)
      throw new CacheError('bad-request', `A cache has at most ${maxRules} rules: remove some.`)
    const added = await deps.database.oidcRules.add({
      ...rule,
      cacheId: cache.id,
      lifetimeMs: lifetime * 1000,
    })
    deps.logger.info({ cache: cache.name, ruleId: added.id, issuer: rule.issuer }, 'OIDC rule added')
    return jsonResponse(oidcRuleInfo(added))
  },
}
