import { createHash } from 'node:crypto'

import type { StoredChunk } from '../../database/cache-database.ts'
import { FrameFiles } from './frame-files.ts'
import { isRightFrame } from './is-right-frame.ts'
import type { JobContext } from './job-context.ts'
import { readBlocks } from './read-blocks.ts'

export interface PackToCheck {
  readonly name: string
  readonly path: string
  /** Recorded as in this pack. */
  readonly chunks: readonly StoredChunk[]
}

export interface CheckedPack {
  /** Its bytes are those it is named after. */
  readonly isIntact: boolean
  /** Names of the chunks whose frames are not there. */
  readonly wrongChunks: readonly string[]
}

/** Reads all of a pack and decodes every frame in it. */
export function checkPack({ name, path, chunks }: PackToCheck, context: JobContext): CheckedPack {
  const hash = createHash('sha256')
  for (const block of readBlocks(path)) {
    context.checkCancelled()
    hash.update(block)
  }
  const frames = new FrameFiles()
  try {
    const wrong = chunks.filter((chunk) => {
      context.checkCancelled()
      return !isRightFrame(chunk, frames.view({ ...chunk, path }))
    })
    return { isIntact: hash.digest('hex') === name, wrongChunks: wrong.map((chunk) => chunk.name) }
  } finally {
    frames.close()
  }
}
