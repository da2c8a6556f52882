import { randomUUID } from 'node:crypto'
import type { Exchange, Handler } from '../runtime/runtime.ts'
import { createApi } from './api.ts'
import { checkHealth } from './health.ts'
import type { HttpDeps } from './http-deps.ts'
import { errorResponse, isOurFault, textResponse } from './http-error.ts'
import { asCacheName } from './service-address.ts'
import { serveSubstituter } from './substituter.ts'
import { targetOf } from './substituter-request.ts'
import type { Target } from './substituter-request.ts'
import { welcome, welcomeToCache } from './welcome.ts'

/** Everything the service answers. The result never throws. */
export function createApp(deps: HttpDeps): Handler {
  const api = createApi(deps)

  function route(request: Request, exchange: Exchange): Response | Promise<Response> {
    const target = targetOf(request.url)
    // One of two hosts would be as good as the other, and a proxy may have looked at the other.
    if (target === undefined || request.headers.get('host')?.includes(',') === true)
      return textResponse(400, 'The Host header is missing or makes no sense.')
    const refused = deps.inFlight.refuse(request, exchange) ?? deps.admit(request, exchange, target)
    if (refused !== undefined) return refused
    const answer = serveSubstituter(deps, request, { target, exchange })
    if (answer !== undefined) return answer
    return target.path.startsWith('/api/') ? api.fetch(request, { exchange }) : page(deps, request, target)
  }

  /** Not `async`: what needs no waiting is answered without a promise. */
  function answer(request: Request, exchange: Exchange): Response | Promise<Response> {
    const refuse = (error: unknown): Response => failed(deps, request, error)
    try {
      const response = route(request, exchange)
      if (!(response instanceof Promise)) return response
      return deps.inFlight.count(request, exchange, response.catch(refuse))
    } catch (error) {
      return refuse(error)
    }
  }

  return deps.logger.isLevelEnabled('debug') ? logged(deps, answer) : answer
}

function logged({ logger }: HttpDeps, answer: Handler): Handler {
  return async (request, exchange) => {
    const response = await answer(request, exchange)
    logger.debug({ ...lineOf(request), status: response.status }, 'answered')
    return response
  }
}

function page(deps: HttpDeps, request: Request, { host, path }: Target): Response | Promise<Response> {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (path === '/') return isRead ? welcome(deps.address, host) : readOnly()
  if (path === '/healthz') return isRead ? checkHealth(deps) : readOnly()
  const cache = deps.address.cacheOfHost(host) === undefined ? cacheAt(path) : undefined
  if (cache !== undefined) return isRead ? welcomeToCache(deps, request, cache) : readOnly()
  return textResponse(404, 'There is nothing here.')
}

/** Of `/NAME` and `/NAME/`. */
function cacheAt(path: string): string | undefined {
  return asCacheName(path.slice(1).replace(/\/$/, ''))
}

function readOnly(): Response {
  return textResponse(405, 'This can only be read.', { allow: 'GET, HEAD' })
}

function failed({ logger }: HttpDeps, request: Request, error: unknown): Response {
  const requestId = randomUUID()
  const line = { ...lineOf(request), requestId, err: error }
  // Whatever goes wrong after the client has left goes wrong because it has left.
  if (request.signal.aborted) logger.debug(line, 'the client went away')
  else if (isOurFault(error)) logger.error(line, 'request failed')
  else logger.debug(line, 'request refused')
  return errorResponse(error, requestId)
}

/** What may be logged of a request: nothing of its headers or its query, where secrets are. */
function lineOf({ method, url }: Request): { method: string; host: string; path: string } {
  const { host, path } = targetOf(url) ?? { host: '', path: '' }
  return { method, host, path }
}
