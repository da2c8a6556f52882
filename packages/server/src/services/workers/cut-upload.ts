import { nameChunk } from '@cachix/frames'
import { NarCutter } from '@cachix/protocol'
import type { Chunk, FilledChunk } from '@cachix/protocol'

import type { JobContext } from './job-context.ts'
import { readUpload } from './uploaded-file.ts'
import type { UploadedFile } from './uploaded-file.ts'

export interface UploadToCut extends UploadedFile {
  /** Of the path's references and its own. */
  readonly storeHashes: readonly string[]
}

/** The chunks of a NAR, as the client would have cut it. */
export async function cutUpload(upload: UploadToCut, context: JobContext): Promise<FilledChunk[]> {
  const chunks: FilledChunk[] = []
  for await (const chunk of chunksOf(upload, context)) {
    chunks.push({ name: nameChunk(chunk), hashes: chunk.hashes })
  }
  return chunks
}

/** The chunks of an uploaded NAR in order. Throws what reading it throws, and the reason if the job is cancelled. */
export async function* chunksOf(
  { storeHashes, ...file }: UploadToCut,
  context: JobContext,
): AsyncGenerator<Chunk> {
  const cutter = new NarCutter(storeHashes)
  for await (const block of readUpload(file)) {
    context.checkCancelled()
    yield* cutter.write(block)
  }
  yield* cutter.end()
}
