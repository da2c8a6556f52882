import { createHash } from 'node:crypto'

import type { JobContext } from './job-context.ts'
import { NarCheck } from './nar-check.ts'
import type { CheckedNar } from './nar-check.ts'
import { decompressUpload, joinFiles, readUpload } from './uploaded-file.ts'
import type { UploadedFile } from './uploaded-file.ts'

export interface CheckedFile extends CheckedNar {
  /** Lower-case hex SHA-256. */
  readonly fileHash: string
  /** Bytes. */
  readonly fileSize: number
}

/** Whether a file is one NAR, as it should be. Throws `unsupported`, `truncated`, `invalid-nar` and `too-large`. */
export function checkUpload(file: UploadedFile, context: JobContext): Promise<CheckedNar> {
  return checkBlocks(readUpload(file), context)
}

/** The same for a file that is known in parts only: also says what the whole of it is. */
export async function checkParts(
  { paths, compression }: UploadedFile,
  context: JobContext,
): Promise<CheckedFile> {
  const hash = createHash('sha256')
  let fileSize = 0

  function* measured(): Generator<Uint8Array> {
    for (const block of joinFiles(paths)) {
      hash.update(block)
      fileSize += block.length
      yield block
    }
  }

  const nar = await checkBlocks(decompressUpload(measured(), compression), context)
  return { ...nar, fileHash: hash.digest('hex'), fileSize }
}

async function checkBlocks(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  context: JobContext,
): Promise<CheckedNar> {
  const check = new NarCheck(context.limits.maxNarSize)
  for await (const block of blocks) {
    context.checkCancelled()
    check.write(block)
  }
  return check.end()
}
