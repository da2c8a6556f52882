import { User } from '@cachix/api'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { identifyVisitor, requireIdentity } from '../visitor.ts'

/** `GET /user`: whose token this is. */
export const getUserRoute: ApiRoute = {
  method: 'get',
  path: '/user',
  description: {
    path: '/user',
    summary: 'Whose token this is',
    responses: { 200: { description: 'Its account', ...json(User) } },
  },
  async handle(deps, { request }) {
    const { accountId, accountName } = requireIdentity(await identifyVisitor(deps, request))
    const names = { username: accountName, githubUsername: accountName }
    return jsonResponse({ id: accountId, ...names, fullname: null, email: null } satisfies User)
  },
}
