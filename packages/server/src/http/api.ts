import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Exchange } from '../runtime/runtime.ts'
import type { ApiCall, ApiRoute } from './api-route.ts'
import { textResponse } from './http-error.ts'
import type { HttpDeps } from './http-deps.ts'
import { abortMultipartUploadRoute } from './routes/abort-multipart-upload.ts'
import { addSigningKeyRoute } from './routes/add-signing-key.ts'
import { beginMultipartUploadRoute } from './routes/begin-multipart-upload.ts'
import { completeMultipartUploadRoute } from './routes/complete-multipart-upload.ts'
import { addKeyRoute } from './routes/add-key.ts'
import { addOidcRuleRoute } from './routes/add-oidc-rule.ts'
import { addSignaturesRoute } from './routes/add-signatures.ts'
import { changeCacheRoute } from './routes/change-cache.ts'
import { createCacheRoute } from './routes/create-cache.ts'
import { createTokenRoute } from './routes/create-token.ts'
import { declareUpstreamRoute } from './routes/declare-upstream.ts'
import { exchangeIdentityRoute } from './routes/exchange-identity.ts'
import { findMissingChunksRoute } from './routes/find-missing-chunks.ts'
import { findMissingRoute } from './routes/find-missing.ts'
import { findUnsignedRoute } from './routes/find-unsigned.ts'
import { getCacheRoute } from './routes/get-cache.ts'
import { getUserRoute } from './routes/get-user.ts'
import { listKeysRoute } from './routes/list-keys.ts'
import { listOidcRulesRoute } from './routes/list-oidc-rules.ts'
import { listTokensRoute } from './routes/list-tokens.ts'
import { publishPathRoute } from './routes/publish-path.ts'
import { publishPathsRoute } from './routes/publish-paths.ts'
import { receiveBundleRoute } from './routes/receive-bundle.ts'
import { recordUpstreamPathsRoute } from './routes/record-upstream-paths.ts'
import { removeUpstreamRoute } from './routes/remove-upstream.ts'
import { removeOidcRuleRoute } from './routes/remove-oidc-rule.ts'
import { receivePartRoute } from './routes/receive-part.ts'
import { signPartRoute } from './routes/sign-part.ts'
import { retireKeyRoute } from './routes/retire-key.ts'
import { revokeTokenRoute } from './routes/revoke-token.ts'
import { signPathsRoute } from './routes/sign-paths.ts'
import { uploadNarRoute } from './routes/upload-nar.ts'
import { createPinRoute } from './routes/create-pin.ts'
import { deleteCacheRoute } from './routes/delete-cache.ts'
import { deletePinRoute } from './routes/delete-pin.ts'
import { getCacheInfoJsonRoute } from './routes/get-cache-info-json.ts'
import { getNarinfoJsonRoute } from './routes/get-narinfo-json.ts'
import { listCachesRoute } from './routes/list-caches.ts'
import { listContentsRoute } from './routes/list-contents.ts'
import { listPinsRoute } from './routes/list-pins.ts'
import { narUrlRoute } from './routes/nar-url.ts'

interface ApiEnv {
  Bindings: { exchange: Exchange }
}

/** Every operation. */
export const routes: readonly ApiRoute[] = [
  getUserRoute,
  listTokensRoute,
  createTokenRoute,
  revokeTokenRoute,
  getCacheRoute,
  createCacheRoute,
  changeCacheRoute,
  listOidcRulesRoute,
  addOidcRuleRoute,
  removeOidcRuleRoute,
  exchangeIdentityRoute,
  addSigningKeyRoute,
  listKeysRoute,
  addKeyRoute,
  retireKeyRoute,
  findUnsignedRoute,
  addSignaturesRoute,
  signPathsRoute,
  declareUpstreamRoute,
  removeUpstreamRoute,
  recordUpstreamPathsRoute,
  findMissingRoute,
  findMissingChunksRoute,
  receiveBundleRoute,
  publishPathsRoute,
  uploadNarRoute,
  publishPathRoute,
  beginMultipartUploadRoute,
  signPartRoute,
  receivePartRoute,
  completeMultipartUploadRoute,
  abortMultipartUploadRoute,
  listCachesRoute,
  listContentsRoute,
  deleteCacheRoute,
  getNarinfoJsonRoute,
  getCacheInfoJsonRoute,
  narUrlRoute,
  createPinRoute,
  listPinsRoute,
  deletePinRoute,
]

/** The operations below `/api/v1` and their description. Handlers' errors come out of `fetch` as they were thrown. */
export function createApi(deps: HttpDeps): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>().basePath('/api/v1')
  for (const route of routes) addRoute(api, route, deps)
  api.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Cachix API', version: 'v1' },
    servers: [{ url: deps.address.origin }],
  })
  for (const path of new Set([...routes.map((route) => route.path), '/openapi.json'])) {
    api.all(path, () => wrongMethod(path))
  }
  api.notFound(() => textResponse(404, 'The API has no such operation.'))
  api.onError((error) => {
    throw error
  })
  return api
}

function addRoute(api: OpenAPIHono<ApiEnv>, route: ApiRoute, deps: HttpDeps): void {
  const { method, path, description } = route
  api.openAPIRegistry.registerPath({ method, ...description })
  api.on(method, path, (context) => route.handle(deps, callOf(context)))
}

function callOf(context: Context<ApiEnv>): ApiCall {
  return {
    request: context.req.raw,
    exchange: context.env.exchange,
    param: (name) => context.req.param(name) ?? '',
    query: (name) => context.req.query(name),
  }
}

function wrongMethod(path: string): Response {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase())
  const allow = (methods.length === 0 ? ['GET'] : methods).join(', ')
  return textResponse(405, `This can only be asked with ${allow}.`, { allow })
}
