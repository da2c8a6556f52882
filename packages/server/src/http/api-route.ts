import type { z } from 'zod'
import type { RouteConfig } from '@hono/zod-openapi'
import type { Exchange } from '../runtime/runtime.ts'
import type { HttpDeps } from './http-deps.ts'
import { readJson } from './read-json.ts'

/** One operation of the API. */
export interface ApiRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below `/api/v1`, in the router's spelling. */
  readonly path: string
  /** What the API's description says of it; its path in OpenAPI's spelling. */
  readonly description: Omit<RouteConfig, 'method'>
  /** Throws `CacheError`s; every success is exactly 200, which is all the genuine client takes for one. */
  handle(deps: HttpDeps, call: ApiCall): Promise<Response>
}

/** One request to the API. */
export interface ApiCall {
  readonly request: Request
  readonly exchange: Exchange
  /** A part of the path that the route names. */
  readonly param: (name: string) => string
  readonly query: (name: string) => string | undefined
}

const mebibyte = 1024 ** 2

/** The body of a call. `limit` is in bytes. */
export function bodyOf<Schema extends z.ZodType>(
  { request, exchange }: ApiCall,
  schema: Schema,
  limit: number = mebibyte,
): Promise<z.infer<Schema>> {
  return readJson({ request, body: () => exchange.body(), schema, limit })
}

export function jsonResponse(value: unknown): Response {
  return Response.json(value, { headers: { 'cache-control': 'no-store' } })
}

/** Success with nothing to say. */
export function emptyResponse(): Response {
  return new Response(null, { headers: { 'content-length': '0' } })
}

/** For descriptions. */
export function json(schema: z.ZodType): { readonly content: { 'application/json': { schema: z.ZodType } } } {
  return { content: { 'application/json': { schema } } }
}
