import type { NarParts } from './assemble-nar.ts'
import { FrameFiles } from './frame-files.ts'
import { isRightFrame } from './is-right-frame.ts'
import type { JobContext } from './job-context.ts'

/** Names of those of the chunks whose stored frames are not what they should be. */
export function findWrongChunks({ chunks }: NarParts, context: JobContext): string[] {
  const source = new FrameFiles()
  try {
    const wrong = chunks.filter((chunk) => {
      context.checkCancelled()
      return !isRightFrame(chunk, source.view(chunk))
    })
    return [...new Set(wrong.map((chunk) => chunk.name))]
  } finally {
    source.close()
  }
}
