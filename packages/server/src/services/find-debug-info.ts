import type { CacheDatabase } from '../database/cache-database.ts'
import { narFileName } from './nar-file-name.ts'

export interface DebugInfo {
  readonly isPublic: boolean
  /** Where the file is, in the form that Nix gives it with `index-debug-info`. */
  readonly text: string
}

/** Where a cache has the debugging information of a build (40 hex digits); undefined if it has none. */
export async function findDebugInfo(
  { database }: { readonly database: CacheDatabase },
  { cacheName, buildId }: { readonly cacheName: string; readonly buildId: string },
): Promise<DebugInfo | undefined> {
  const found = await database.nars.findDebugFile(cacheName, buildId)
  if (found === undefined) return undefined
  const archive = `../nar/${narFileName(found.fileHash)}`
  const member = `lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`
  return { isPublic: found.isPublic, text: JSON.stringify({ archive, member }) }
}
