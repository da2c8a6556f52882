import { assembleNar } from './assemble-nar.ts'
import { checkNar } from './check-nar.ts'
import { checkPack } from './check-pack.ts'
import { checkParts, checkUpload } from './check-upload.ts'
import { copyRanges } from './copy-ranges.ts'
import { cutUpload } from './cut-upload.ts'
import { findWrongChunks } from './find-wrong-chunks.ts'
import { packChunks } from './pack-chunks.ts'
import { packText } from './pack-text.ts'
import { packUpload } from './pack-upload.ts'
import { salvageFrames } from './salvage-frames.ts'
import { writeServedFile } from './write-served-file.ts'

/** What worker threads do. Tasks and results are plain data. A job ends with the reason of `signal` soon after it aborts. */
export const jobs = {
  assembleNar,
  checkNar,
  checkPack,
  checkParts,
  checkUpload,
  copyRanges,
  cutUpload,
  findWrongChunks,
  packChunks,
  packText,
  packUpload,
  salvageFrames,
  writeServedFile,
}

type Jobs = typeof jobs
export type JobName = keyof Jobs
export type TaskOf<Name extends JobName> = Parameters<Jobs[Name]>[0]
export type ResultOf<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>
