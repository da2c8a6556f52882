import { decompressZstd } from '../services/workers/decompress/zstd.ts'
import type { AskedObject } from './asked.ts'
import type { HttpDeps } from './http-deps.ts'
import type { Found } from './substituter.ts'

const types = { log: 'text/plain; charset=utf-8', realisation: 'application/json' } as const

/** `log/…`, `realisations/…` and `build-trace-v2/…`. */
export async function serveObject(
  { database }: HttpDeps,
  request: Request,
  { cacheName, kind, name }: AskedObject & { readonly cacheName: string },
): Promise<Found | undefined> {
  const found = await database.objects.find(cacheName, name)
  if (found === undefined) return undefined
  const headers = {
    'content-type': types[kind],
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  }
  const body = () => (request.method === 'HEAD' ? null : ReadableStream.from(decompressZstd([found.content])))
  return { isPublic: found.isPublic, respond: () => new Response(body(), { headers }) }
}
