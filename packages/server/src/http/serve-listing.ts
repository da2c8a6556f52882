import { readListing } from '../services/read-listing.ts'
import { sizedResponse } from './sized-response.ts'
import type { HttpDeps } from './http-deps.ts'
import type { Found } from './substituter.ts'

/** `HASH.ls`. */
export async function serveListing(
  { database }: HttpDeps,
  request: Request,
  { cacheName, storeHash }: { readonly cacheName: string; readonly storeHash: string },
): Promise<Found | undefined> {
  const cache = await database.caches.find(cacheName)
  const bytes = cache && (await readListing({ database }, { cacheId: cache.id, storeHash }))
  if (cache === undefined || bytes === undefined) return undefined
  return {
    isPublic: cache.isPublic,
    respond: () => sizedResponse(request, { bytes, type: 'application/json' }),
  }
}
