import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { parseStorePath } from '@cachix/protocol'
import { dumpNar } from '../../packages/cli/src/nix/dump-nar.ts'
import type { StoreObject } from '../corpus/store-object.ts'

/** Something on disk that makes a NAR. */
export interface NarSource {
  readonly path: string
  /** Of its references and its own. */
  readonly storeHashes: readonly string[]
}

/** What is compressed is compressed as `cachix push` does it. */
export const compressionLevel = 2

/** The NAR of a store path. */
export function narOf({ storePath, references }: StoreObject): NarSource {
  const paths = new Set([storePath, ...references])
  return { path: storePath, storeHashes: Array.from(paths, (path) => parseStorePath(path).hash) }
}

/** Bytes of the whole NAR as one zstd stream. */
export async function wholeSize({ path }: NarSource): Promise<number> {
  let size = 0
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } })
  await pipeline(copies(dumpNar(path)), compress, async (compressed: AsyncIterable<Uint8Array>) => {
    for await (const bytes of compressed) size += bytes.length
  })
  return size
}

/** A stream takes blocks ahead, and one of a dump may not outlive the next. */
async function* copies(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) yield block.slice()
}
