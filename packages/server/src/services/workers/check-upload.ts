import { decompressFile } from './decompress-file.ts'
import type { JobContext } from './job-context.ts'
import { NarCheck } from './nar-check.ts'
import type { CheckedNar } from './nar-check.ts'

/** A file of zstd frames that together are one NAR, as it should be. */
export interface UploadedFile {
  readonly path: string
}

/** Throws `unsupported`, `truncated`, `invalid-nar` and `too-large`. */
export async function checkUpload({ path }: UploadedFile, context: JobContext): Promise<CheckedNar> {
  const check = new NarCheck(context.limits.maxNarSize)
  for await (const block of decompressFile(path)) {
    context.checkCancelled()
    check.write(block)
  }
  return check.end()
}
