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
    const { accountName } = requireIdentity(await identifyVisitor(deps, request))
    return jsonResponse({ username: accountName, githubUsername: accountName } satisfies User)
  },
}
