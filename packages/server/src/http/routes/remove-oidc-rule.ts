import { CacheError } from '../../cache-error.ts'
import { emptyResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { parseId } from '../parse-id.ts'

/** `DELETE /cache/NAME/oidc/ID`. */
export const removeOidcRuleRoute: ApiRoute = {
  method: 'delete',
  path: '/cache/:name/oidc/:id',
  description: {
    path: '/cache/{name}/oidc/{id}',
    summary: 'Trust them no longer',
    responses: { 200: { description: 'The rule is gone, and the tokens that it gave' } },
  },
  async handle(deps, { request, param }) {
    const { cache } = await accessCache(deps, request, { name: param('name'), needed: 'Admin' })
    const id = parseId(param('id'))
    if (!(await deps.database.oidcRules.remove(cache.id, id)))
      throw new CacheError('not-found', `Binary cache ${cache.name} has no rule ${id}.`)
    deps.logger.info({ cache: cache.name, ruleId: id }, 'OIDC rule removed')
    return emptyResponse()
  },
}
