import type { Run } from '@cachix/protocol'

import { FrameFiles } from './frame-files.ts'
import { isRightFrame } from './is-right-frame.ts'
import type { JobContext } from './job-context.ts'
import type { PackToCheck } from './check-pack.ts'
import { PackWriter } from './pack-writer.ts'
import type { WrittenPack } from './pack-digest.ts'

export interface PackToSalvage extends PackToCheck {
  /** Where to write what is right. */
  readonly target: string
}

export interface SalvagedFrames {
  readonly pack: WrittenPack
  /** What was copied, in this order. */
  readonly copied: readonly Run[]
}

/** Copies the frames of a damaged pack that are right, one after another. Throws `disk-full`. */
export function salvageFrames(
  { name, path, chunks, target }: PackToSalvage,
  context: JobContext,
): SalvagedFrames {
  const source = new FrameFiles()
  const writer = new PackWriter(target)
  try {
    const copied: Run[] = []
    let end = 0
    for (const chunk of chunks) {
      context.checkCancelled()
      const frame = source.view({ ...chunk, path })
      if (chunk.offset < end || !isRightFrame(chunk, frame)) continue
      writer.write(frame)
      copied.push({ pack: name, offset: chunk.offset, length: chunk.length })
      end = chunk.offset + chunk.length
    }
    return { pack: writer.end(), copied }
  } finally {
    source.close()
    writer.close()
  }
}
