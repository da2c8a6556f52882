import { hash } from 'node:crypto'

import { renderNarInfo, sha256FromHex } from '@cachix/protocol'

import { andThen } from '../at-once.ts'
import type { AtOnce } from '../at-once.ts'
import type { CacheDatabase, FoundPath, PublishedPath } from '../database/cache-database.ts'
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
export function readNarinfo(
  { database }: { readonly database: CacheDatabase },
  { cacheName, storeHash }: NarinfoRequest,
): AtOnce<ReadableNarinfo | undefined> {
  return andThen(
    database.paths.findByCacheName(cacheName, storeHash),
    (found): ReadableNarinfo | undefined => found && readable(found),
  )
}

function readable({ isPublic, path }: FoundPath): ReadableNarinfo {
  const text = narinfoOf(path)
  return {
    cacheId: path.cacheId,
    isPublic,
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
