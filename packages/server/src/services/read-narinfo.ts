import { hash } from 'node:crypto'

import { renderNarInfo, sha256FromHex } from '@cachix/protocol'

import type { CacheDatabase, PublishedPath } from '../database/cache-database.ts'
import { narFileName } from './nar-file-name.ts'

export interface NarinfoRequest {
  readonly cacheName: string
  /** 32 nix32 characters. */
  readonly storeHash: string
}

/** Whether the reader may have it is for the caller to find out. */
export interface ReadableNarinfo {
  readonly cacheId: number
  readonly isPublic: boolean
  readonly text: string
  /** Quoted, as in an `ETag` header. */
  readonly etag: string
}

/** The narinfo of a path that is visible in the cache; undefined if there is none. */
export async function readNarinfo(
  { database }: { readonly database: CacheDatabase },
  { cacheName, storeHash }: NarinfoRequest,
): Promise<ReadableNarinfo | undefined> {
  const found = await database.paths.findByCacheName(cacheName, storeHash)
  if (found === undefined) return undefined
  const text = narinfoOf(found.path)
  return {
    cacheId: found.path.cacheId,
    isPublic: found.isPublic,
    text,
    etag: `"${hash('sha1', text, 'base64url')}"`,
  }
}

function narinfoOf(path: PublishedPath): string {
  return renderNarInfo({
    ...path,
    storePath: `${path.storeDir}/${path.storeHash}-${path.storeName}`,
    url: `nar/${narFileName(path.fileHash)}`,
    compression: 'zstd',
    fileHash: sha256FromHex(path.fileHash),
  })
}
