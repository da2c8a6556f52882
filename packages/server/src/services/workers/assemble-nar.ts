import { createHash } from 'node:crypto'

import { decodeFrame } from '@cachix/frames'
import { encodeRecipe } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import type { Nar } from '../../database/cache-database.ts'
import { explained } from './explain-format.ts'
import { FrameFiles } from './frame-files.ts'
import type { JobContext } from './job-context.ts'
import { ListedNar } from './listed-nar.ts'
import { ServedFile } from './served-file.ts'
import type { FilledFrame } from './served-file.ts'

export interface NarParts {
  readonly chunks: readonly NarPart[]
}

export interface NarPart extends FilledFrame {
  /** The file that is the chunk's pack. */
  readonly path: string
}

/**
 * Reads the stored frames a NAR consists of, lays its hashes over them, and tells what that file and the NAR in it are.
 * Throws `invalid-nar` and `too-large`, and `damaged` if that comes to nothing because of the frames.
 */
export function assembleNar({ chunks }: NarParts, context: JobContext): Nar {
  const nar = new ListedNar(context.limits)
  const hash = createHash('sha256')
  const file = new ServedFile(hash)
  const source = new FrameFiles()
  try {
    for (const chunk of chunks) {
      context.checkCancelled()
      const frame = source.view(chunk)
      if (frame.length < chunk.length) throw new CacheError('damaged', `Pack ${chunk.pack} is cut short.`)
      file.write(chunk, frame)
      nar.write(explained('damaged', () => decodeFrame(frame, chunk.contentSize)))
    }
  } finally {
    source.close()
  }
  const { fileSize, ...recipe } = file.end()
  const hashes = chunks.flatMap((chunk) => chunk.hashes)
  return { ...nar.end(hashes), fileHash: hash.digest('hex'), fileSize, recipe: encodeRecipe(recipe) }
}
