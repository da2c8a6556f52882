import { createReadStream } from 'node:fs'

import type { AssembledFileDeps } from './assembled-file.ts'
import { findNode } from './find-node.ts'
import type { ListingNode } from './find-node.ts'
import { readListing } from './read-listing.ts'
import { readNar } from './read-nar.ts'
import type { NarBytes } from './read-nar.ts'
import { decompressZstd } from './workers/decompress/zstd.ts'

export interface FileRequest {
  readonly cacheName: string
  readonly storeHash: string
  /** Below the store path. */
  readonly path: string
}

/** Whether the reader may have it is for the caller to find out, before the first `read`. */
export type ReadableFile = { readonly isPublic: boolean } & (
  | {
      readonly outcome: 'file'
      readonly narHash: string
      readonly size: number
      /** Bytes `start` up to but not including `end`. */
      read(start: number, end: number): AsyncIterable<Uint8Array>
    }
  | { readonly outcome: 'none'; readonly reason: string }
)

/**
 * A file in a visible store path; undefined if the path is not there. Reading decompresses the NAR up to where the file
 * ends, and holds no more of it than a window.
 */
export async function readFile(
  deps: AssembledFileDeps,
  { cacheName, storeHash, path }: FileRequest,
): Promise<ReadableFile | undefined> {
  const found = await deps.database.paths.findByCacheName(cacheName, storeHash)
  if (found === undefined) return undefined
  const { isPublic, path: info } = found
  const listing = await readListing(deps, { cacheId: info.cacheId, storeHash })
  const nar = await readNar(deps, { cacheName, fileHash: info.fileHash })
  if (nar === undefined) return undefined
  if (listing === undefined) {
    return {
      isPublic,
      outcome: 'none',
      reason: 'This store path has too many files for single ones to be served.',
    }
  }
  const { root } = JSON.parse(Buffer.from(listing).toString()) as { root: ListingNode }
  const storePath = `${info.storeDir}/${storeHash}-${info.storeName}`
  const node = findNode(root, { storePath, path })
  if (node.outcome === 'none') return { isPublic, ...node }
  const read = (start: number, end: number) =>
    readRange(() => nar.read(0, nar.fileSize), { start: node.narOffset + start, end: node.narOffset + end })
  return { isPublic, outcome: 'file', narHash: info.narHash, size: node.size, read }
}

async function* readRange(
  open: () => Promise<NarBytes>,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const block of decompressZstd(blocksOf(await open()))) {
    const piece = block.subarray(Math.max(0, start - at), Math.max(0, end - at))
    if (piece.length > 0) yield piece
    at += block.length
    if (at >= end) return
  }
}

function blocksOf(bytes: NarBytes): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (bytes.kind === 'bytes') return [bytes.bytes]
  if (bytes.kind === 'blocks') return bytes.blocks
  return createReadStream(bytes.path, { start: bytes.start, end: bytes.end - 1 })
}
