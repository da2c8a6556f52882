import { closeSync, openSync, writeSync } from 'node:fs'

import { explainFullDisk } from '../../storage/full-disk.ts'
import type { JobContext } from './job-context.ts'
import { servedBlocks } from './served-blocks.ts'
import type { FileParts } from './served-blocks.ts'

export interface FileToWrite extends FileParts {
  /** Where to write it. */
  readonly target: string
}

/** Writes a served file as it leaves, in one go without a context. Throws `damaged` where a pack ends too early, and `disk-full`. */
export function writeServedFile({ target, ...parts }: FileToWrite, context?: JobContext): void {
  const file = openSync(target, 'w')
  try {
    for (const block of servedBlocks(parts)) {
      context?.checkCancelled()
      writeWhole(file, block)
    }
  } catch (error) {
    throw explainFullDisk(error)
  } finally {
    closeSync(file)
  }
}

function writeWhole(file: number, block: Uint8Array): void {
  for (let written = 0; written < block.length;) written += writeSync(file, block, written)
}
