import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'

import type { NarBytes } from '../../src/services/read-nar.ts'

/** What a client gets. */
export async function bytesOf(bytes: NarBytes): Promise<Buffer> {
  if (bytes.kind === 'bytes') return Buffer.from(bytes.bytes)
  if (bytes.kind === 'blocks') return buffer(bytes.blocks)
  return (await readFile(bytes.path)).subarray(bytes.start, bytes.end)
}
