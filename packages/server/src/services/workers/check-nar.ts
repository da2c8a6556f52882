import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import { CacheError } from '../../cache-error.ts'
import { decompressZstd } from './decompress/zstd.ts'
import type { JobContext } from './job-context.ts'
import { NarCheck } from './nar-check.ts'
import type { CheckedNar } from './nar-check.ts'
import { servedBlocks } from './served-blocks.ts'
import type { FileParts } from './served-blocks.ts'

/** Undefined: what the recipe makes is no NAR. */
export type NarFound = (CheckedNar & { readonly fileHash: string }) | undefined

/** Reads and decompresses a NAR as it is served. */
export async function checkNar(parts: FileParts, context: JobContext): Promise<NarFound> {
  const fileHash = createHash('sha256')
  const nar = new NarCheck(Number.MAX_SAFE_INTEGER)
  try {
    for await (const block of decompressZstd(hashed(servedBlocks(parts), fileHash))) {
      context.checkCancelled()
      nar.write(block)
    }
    return { ...nar.end(), fileHash: fileHash.digest('hex') }
  } catch (error) {
    if (error instanceof CacheError) return undefined
    throw error
  }
}

async function* hashed(blocks: Iterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for (const block of blocks) {
    hash.update(block)
    // The decoder may still be at it when the next one comes.
    yield block.slice()
  }
}
