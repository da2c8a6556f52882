import { findDebugInfo } from '../services/find-debug-info.ts'
import type { HttpDeps } from './http-deps.ts'
import { sizedResponse } from './sized-response.ts'
import type { Found } from './substituter.ts'

/** `debuginfo/ID.debug` and `debuginfo/ID`. */
export async function serveDebugInfo(
  deps: HttpDeps,
  request: Request,
  wanted: { readonly cacheName: string; readonly buildId: string },
): Promise<Found | undefined> {
  const info = await findDebugInfo(deps, wanted)
  if (info === undefined) return undefined
  const answer = { bytes: Buffer.from(info.text), type: 'application/json' }
  return { isPublic: info.isPublic, respond: () => sizedResponse(request, answer) }
}
