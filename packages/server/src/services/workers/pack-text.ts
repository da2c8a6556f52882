import { zstdCompressSync } from 'node:zlib'

import { CacheError } from '../../cache-error.ts'
import type { JobContext } from './job-context.ts'
import { readUpload } from './uploaded-file.ts'
import type { UploadedFile } from './uploaded-file.ts'

export interface TextToPack extends UploadedFile {
  /** Bytes of text; more is refused. */
  readonly maxSize: number
}

/** A text that came in whatever compression, as one zstd frame. Throws `unsupported`, `truncated` and `too-large`. */
export async function packText({ maxSize, ...file }: TextToPack, context: JobContext): Promise<Uint8Array> {
  const blocks: Uint8Array[] = []
  let size = 0
  for await (const block of readUpload(file)) {
    context.checkCancelled()
    size += block.length
    if (size > maxSize)
      throw new CacheError('too-large', `This is larger than the ${maxSize} bytes taken here.`)
    blocks.push(block.slice())
  }
  return zstdCompressSync(Buffer.concat(blocks))
}
