import { parseStorePath } from '@cachix/protocol'
import { cacheName } from './cachix-server.ts'

/** Where a server has the narinfo of a store path, as a URL path. */
export function narInfoPath(storePath: string): string {
  return `/${cacheName}/${parseStorePath(storePath).hash}.narinfo`
}
