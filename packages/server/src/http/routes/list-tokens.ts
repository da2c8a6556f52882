import { TokenInfos } from '@cachix/api'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { managedTokens } from '../token-access.ts'
import { tokenInfo } from '../token-info.ts'
import { identifyVisitor, requireIdentity } from '../visitor.ts'

/** `GET /token`. */
export const listTokensRoute: ApiRoute = {
  method: 'get',
  path: '/token',
  description: {
    path: '/token',
    summary: 'The tokens of the account, or of the one cache that this token administrates',
    responses: { 200: { description: 'Newest first', ...json(TokenInfos) } },
  },
  async handle(deps, { request }) {
    const scope = managedTokens(requireIdentity(await identifyVisitor(deps, request)))
    return jsonResponse((await deps.database.tokens.list(scope)).map(tokenInfo))
  },
}
