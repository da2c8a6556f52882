import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { zstdDecompressSync } from 'node:zlib'

import { readFrameLayout } from '@cachix/protocol'

import type { NarBytes } from '../../src/services/read-nar.ts'

/** What a client gets. */
export async function bytesOf(bytes: NarBytes): Promise<Buffer> {
  if (bytes.kind === 'bytes') return Buffer.from(bytes.bytes)
  if (bytes.kind === 'blocks') return buffer(bytes.blocks)
  return (await readFile(bytes.path)).subarray(bytes.start, bytes.end)
}

/** The contents of a file of frames. */
export function decompressed(file: Uint8Array): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < file.length;) {
    const layout = readFrameLayout(file.subarray(at), 4 * 1024 * 1024)
    parts.push(zstdDecompressSync(file.subarray(at, at + layout.size)))
    at += layout.size
  }
  return Buffer.concat(parts)
}
