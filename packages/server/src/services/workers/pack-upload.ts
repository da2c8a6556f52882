import { encodeChunk, nameChunk } from '@cachix/frames'
import { encodeChunkLayout } from '@cachix/protocol'
import type { Chunk } from '@cachix/protocol'

import type { NewChunks } from '../../database/cache-database.ts'
import { chunksOf } from './cut-upload.ts'
import type { UploadToCut } from './cut-upload.ts'
import type { JobContext } from './job-context.ts'
import { PackWriter } from './pack-writer.ts'

export interface UploadToPack extends UploadToCut {
  /** Names of the chunks to pack. */
  readonly wanted: readonly string[]
  /** Where to write the pack. */
  readonly target: string
}

/** Of zstd. What is sent whole comes from clients that do not say how much the bytes are worth to them. */
const level = 3

/** Compresses the chunks of a NAR that are wanted, each once. Throws `disk-full`. */
export async function packUpload(upload: UploadToPack, context: JobContext): Promise<NewChunks> {
  const wanted = new Set(upload.wanted)
  const writer = new PackWriter(upload.target)
  try {
    const chunks: NewChunks['chunks'][number][] = []
    for await (const chunk of chunksOf(upload, context)) {
      const name = nameChunk(chunk)
      if (wanted.delete(name)) chunks.push({ name, ...(await packChunk(chunk, writer)) })
    }
    return { pack: writer.end(), chunks }
  } finally {
    writer.close()
  }
}

async function packChunk(chunk: Chunk, writer: PackWriter) {
  const { bytes, patches } = await encodeChunk(chunk, { level })
  return {
    offset: writer.write(bytes),
    length: bytes.length,
    contentSize: chunk.bytes.length,
    layout: encodeChunkLayout({ pattern: chunk.pattern, patches }),
  }
}
