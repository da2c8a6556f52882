import { CreatedToken, CreateToken } from '@cachix/api'
import { CacheError } from '../../cache-error.ts'
import { kindGiving } from '../../services/authorize.ts'
import { createToken } from '../../services/create-token.ts'
import type { NewTokenRequest } from '../../services/create-token.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiCall, ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import type { HttpDeps } from '../http-deps.ts'
import { tokenInfo } from '../token-info.ts'
import { identifyVisitor, requireIdentity } from '../visitor.ts'

/** `POST /token`. */
export const createTokenRoute: ApiRoute = {
  method: 'post',
  path: '/token',
  description: {
    path: '/token',
    summary: 'Make a token',
    request: { body: json(CreateToken) },
    responses: { 200: { description: 'Its text, which is not told again', ...json(CreatedToken) } },
  },
  async handle(deps, call) {
    const request = await requested(deps, call)
    const { token, text } = await createToken(deps, request)
    deps.logger.info({ tokenId: token.id, kind: token.kind, cache: token.cacheName }, 'token made')
    return jsonResponse({ ...tokenInfo(token), token: text } satisfies CreatedToken)
  },
}

async function requested(deps: HttpDeps, call: ApiCall): Promise<NewTokenRequest> {
  const creator = requireIdentity(await identifyVisitor(deps, call.request))
  const { cache: name, permission, description, lifetime } = await bodyOf(call, CreateToken)
  const lifetimeMs = lifetime === undefined ? undefined : lifetime * 1000
  const common = { creator, description, lifetimeMs }
  if (name !== undefined && permission !== undefined) {
    const { cache } = await accessCache(deps, call.request, { name, needed: 'Admin' })
    return { ...common, kind: kindGiving(permission), cacheId: cache.id }
  }
  if (creator.kind === 'personal') return { ...common, kind: 'personal' }
  throw new CacheError('not-authorized', 'This auth token is for one cache; it cannot make personal ones.')
}
