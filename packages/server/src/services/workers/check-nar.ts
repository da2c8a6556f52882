import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { Patch } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import { PatchLayer } from '../patch-layer.ts'
import { decompressZstd } from './decompress/zstd.ts'
import { FrameFiles } from './frame-files.ts'
import type { FrameInFile } from './frame-files.ts'
import type { JobContext } from './job-context.ts'
import { NarCheck } from './nar-check.ts'
import type { CheckedNar } from './nar-check.ts'

export interface NarToCheck {
  readonly runs: readonly FrameInFile[]
  readonly patches: readonly Patch[]
}

/** Undefined: what the recipe makes is no NAR. */
export type NarFound = (CheckedNar & { readonly fileHash: string }) | undefined

const blockSize = 256 * 1024

/** Reads and decompresses a NAR as it is served. */
export async function checkNar({ runs, patches }: NarToCheck, context: JobContext): Promise<NarFound> {
  const file = new FrameFiles()
  const fileHash = createHash('sha256')
  const nar = new NarCheck(Number.MAX_SAFE_INTEGER)
  try {
    for await (const block of decompressZstd(servedBlocks(file, { runs, patches }, fileHash))) {
      context.checkCancelled()
      nar.write(block)
    }
    return { ...nar.end(), fileHash: fileHash.digest('hex') }
  } catch (error) {
    if (error instanceof CacheError) return undefined
    throw error
  } finally {
    file.close()
  }
}

async function* servedBlocks(
  file: FrameFiles,
  { runs, patches }: NarToCheck,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  const layer = new PatchLayer(patches)
  for (const { path, offset, length } of runs) {
    for (let at = 0; at < length; at += blockSize) {
      const block = file.read({ path, offset: offset + at, length: Math.min(blockSize, length - at) })
      layer.lay(block)
      hash.update(block)
      yield block
    }
  }
}
