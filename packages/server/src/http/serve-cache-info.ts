import { renderCacheInfo } from '@cachix/protocol'
import { sizedResponse } from './sized-response.ts'
import type { HttpDeps } from './http-deps.ts'
import type { Found } from './substituter.ts'

/** `nix-cache-info`. */
export async function serveCacheInfo(
  { database }: HttpDeps,
  request: Request,
  cacheName: string,
): Promise<Found | undefined> {
  const cache = await database.caches.find(cacheName)
  return cache && { isPublic: cache.isPublic, respond: () => sizedResponse(request, cacheInfo(cache)) }
}

function cacheInfo({ storeDir, priority }: { storeDir: string; priority: number }) {
  return {
    bytes: Buffer.from(renderCacheInfo({ storeDir, priority, wantMassQuery: true })),
    type: 'text/x-nix-cache-info',
  }
}
