import { CacheError } from '../../cache-error.ts'
import type { Identity } from '../../services/authenticate.ts'
import { emptyResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { parseId } from '../parse-id.ts'
import { managedTokens } from '../token-access.ts'
import { identifyVisitor, requireIdentity } from '../visitor.ts'

/** `DELETE /token/ID`. Every token may revoke itself. */
export const revokeTokenRoute: ApiRoute = {
  method: 'delete',
  path: '/token/:id',
  description: {
    path: '/token/{id}',
    summary: 'Revoke a token',
    responses: { 200: { description: 'From now on nobody knows it' } },
  },
  async handle(deps, { request, param }) {
    const id = parseId(param('id'))
    const identity = requireIdentity(await identifyVisitor(deps, request))
    if (!(await deps.database.tokens.revoke(scopeFor(identity, id), id))) {
      throw new CacheError('not-found', `There is no token ${id} among those you may revoke.`)
    }
    deps.logger.info({ tokenId: id, accountId: identity.accountId }, 'token revoked')
    return emptyResponse()
  },
}

function scopeFor(identity: Identity, id: number) {
  return identity.tokenId === id ? { accountId: identity.accountId } : managedTokens(identity)
}
