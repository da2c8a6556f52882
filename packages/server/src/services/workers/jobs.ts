/**
 * What worker threads do, each loaded when it is asked for the first time: those that only read need not wait for what
 * verifies. Tasks and results are plain data. A job ends with the reason of `signal` soon after it aborts.
 */
export const jobs = {
  assembleNar: async () => (await import('./assemble-nar.ts')).assembleNar,
  checkNar: async () => (await import('./check-nar.ts')).checkNar,
  checkPack: async () => (await import('./check-pack.ts')).checkPack,
  checkParts: async () => (await import('./check-upload.ts')).checkParts,
  checkUpload: async () => (await import('./check-upload.ts')).checkUpload,
  copyRanges: async () => (await import('./copy-ranges.ts')).copyRanges,
  cutUpload: async () => (await import('./cut-upload.ts')).cutUpload,
  findWrongChunks: async () => (await import('./find-wrong-chunks.ts')).findWrongChunks,
  packChunks: async () => (await import('./pack-chunks.ts')).packChunks,
  packText: async () => (await import('./pack-text.ts')).packText,
  packUpload: async () => (await import('./pack-upload.ts')).packUpload,
  salvageFrames: async () => (await import('./salvage-frames.ts')).salvageFrames,
  writeServedFile: async () => (await import('./write-served-file.ts')).writeServedFile,
}

type Jobs = typeof jobs
type Job<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>
export type JobName = keyof Jobs
export type TaskOf<Name extends JobName> = Parameters<Job<Name>>[0]
export type ResultOf<Name extends JobName> = Awaited<ReturnType<Job<Name>>>
